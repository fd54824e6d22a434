#include "train/pretrain_objective.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/grad_mode.h>

#include <algorithm>

#include "util/interrupt.h"

namespace latentcrs {

PretrainObjective::PretrainObjective(SasRec encoder, const SequenceBatcher& sequences, const PretrainOptions& options)
    : encoder_(std::move(encoder)),
      sequences_(sequences),
      options_(options),
      loss_(next_item_loss(options.loss)),
      catalogue_(at::tensor(sequences.items(), at::kInt).to(encoder_->item_table().device(), at::kLong)) {}

at::Tensor represent(const at::Tensor& states, Representation representation) {
  return representation == Representation::mean ? states.mean(1) : states.flatten(1);
}

bool PretrainObjective::needs_intents(int epoch) const {
  const bool wanted = options_.contrast_type == ContrastType::intent || options_.contrast_type == ContrastType::hybrid;
  return wanted && options_.intent_cf_weight > 0 && epoch > options_.warm_up_epoches;
}

bool PretrainObjective::contrasts_instances() const {
  const bool wanted =
      options_.contrast_type == ContrastType::instance || options_.contrast_type == ContrastType::hybrid;
  return wanted && options_.cf_weight > 0;
}

int PretrainObjective::views(int epoch) const {
  return contrasts_instances() || needs_intents(epoch) ? views_of_pairs() : 0;
}

LossTerms PretrainObjective::operator()(const BatchTensors& batch, const std::vector<IntentClusters>& intents,
                                        Dropout& dropout) {
  const bool contrasts = contrasts_instances() || !intents.empty();
  // Without contrasts nobody looks at the padded states.
  const PaddedStates padded = contrasts ? PaddedStates::computed : PaddedStates::zero;
  const at::Tensor states = encoder_->forward(batch.ids, dropout, 0, padded);
  const int64_t users = batch.ids.size(0) / (contrasts ? 1 + views_of_pairs() : 1);
  const std::vector<at::Tensor> groups = states.split(users);  // the train inputs, then view after view

  const at::Tensor next_item = loss_.value({.states = states_at(groups[0], batch.rows),
                                            .items = encoder_->item_table(),
                                            .targets = batch.targets,
                                            .catalogue = catalogue_,
                                            .negatives = batch.negatives,
                                            .weights = batch.weights},
                                           options_);
  const std::vector<UserIntents> user_intents =
      intents_of(represent(groups[0].detach(), options_.seq_representation_type), intents);
  at::Tensor instance = at::zeros({}, states.options()), intent = at::zeros({}, states.options());
  for (size_t pair = 1; pair + 1 < groups.size(); pair += 2) {
    const auto view = [&](size_t i, Representation r) { return represent(groups[pair + i], r); };
    const Representation r = options_.seq_representation_instancecl_type, s = options_.seq_representation_type;
    if (contrasts_instances()) instance = instance + nce(view(0, r), view(1, r), options_.temperature, batch.labels);
    if (!intents.empty()) intent = intent + intent_contrast(view(0, s), view(1, s), user_intents, options_.temperature);
  }

  const at::Tensor total =
      options_.rec_weight * next_item + options_.cf_weight * instance + options_.intent_cf_weight * intent;
  LossTerms terms = {{"next_item", next_item}};
  if (contrasts_instances()) terms.emplace_back("instance_contrast", instance);
  if (!intents.empty()) terms.emplace_back("intent_contrast", intent);
  terms.emplace_back("total", total);
  return terms;
}

std::vector<UserIntents> PretrainObjective::intents_of(const at::Tensor& anchors,
                                                       const std::vector<IntentClusters>& intents) const {
  std::vector<UserIntents> of_users;
  for (const IntentClusters& clusters : intents) {
    const at::Tensor labels = clusters.assign(anchors);
    of_users.push_back({clusters.centers.index_select(0, labels), options_.de_noise ? labels : at::Tensor()});
  }
  return of_users;
}

at::Tensor PretrainObjective::train_representations() {
  const at::NoGradGuard no_grad;
  const at::Device device = encoder_->item_table().device();
  const int64_t length = options_.encoder.max_seq_length;
  Dropout off = Dropout::off();
  std::vector<at::Tensor> blocks;
  for (int64_t first = 0; first < sequences_.num_train_users(); first += options_.batch_size) {
    throw_if_interrupted();
    const int64_t count = std::min<int64_t>(options_.batch_size, sequences_.num_train_users() - first);
    const at::Tensor ids = ids_on_device(sequences_.inputs(first, count, Split::train), {count, length}, device);
    blocks.push_back(represent(encoder_->forward(ids, off, 0), options_.seq_representation_type));
  }
  return at::cat(blocks);
}

}  // namespace latentcrs
