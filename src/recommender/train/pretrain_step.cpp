#include "recommender/train/pretrain_step.h"

#include <ATen/ATen.h>

#include "base/util/profile.h"

namespace latentcrs {

namespace {

constexpr int64_t kPositionMultiple = 512;  // on a GPU, positions with a next item are padded to a multiple: few graphs

}  // namespace

PretrainStep::PretrainStep(PretrainObjective& objective, Adam& adam, at::Device device, StepLaunch launch)
    : objective_(objective), adam_(adam), device_(device), graphs_(device, launch) {}

void PretrainStep::set_intents(const std::vector<IntentClusters>& intents) {
  if (!graphs_.recording() || intents_.size() != intents.size()) {
    intents_ = intents;
    return;
  }
  for (size_t i = 0; i < intents.size(); ++i) {  // recorded steps read them where they are
    intents_[i].raw_centroids.copy_(intents[i].raw_centroids);
    intents_[i].centers.copy_(intents[i].centers);
  }
}

void PretrainStep::operator()(const TrainingBatch& batch, uint64_t seed, LossMeans& means, const std::string& where) {
  const BatchTensors tensors = batch_tensors(batch, device_, device_.is_cpu() ? 1 : kPositionMultiple);
  Dropout dropout(seed, device_);
  const std::string key = intents_.empty() ? "without intents" : "with intents";
  const at::Tensor values = graphs_.run(key, tensors.all(), [&](const StepGraphs::Tensors& inputs) {
    const LossTerms terms =
        profile::timed("forward", [&] { return objective_(BatchTensors::of(inputs), intents_, dropout); });
    adam_.clear_gradients();
    profile::timed("backward", [&] { terms.back().second.backward(); });
    adam_.step();
    names_[key] = names_of(terms);
    return values_of(terms);
  });
  means.add(names_[key], values, where);
}

}  // namespace latentcrs
