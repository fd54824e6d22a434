#include "train/em_data.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <numeric>

#include "model/parameters.h"
#include "util/random.h"

namespace latentcrs {

EmSplit::EmSplit(const EmExamples& split, const EmModel& model)
    : examples(split),
      sequences(split.histories, model.encoder_options.max_seq_length, em_positions(model.compat), model.device),
      text(model.device.is_cpu() ? split.embeddings : RowTable(split.embeddings.all().to(model.device))),
      targets(at::tensor(split.targets, at::kInt).to(model.device, at::kLong).unsqueeze(1)) {}

void EmSplit::compute_states(const EmNetworks& networks, int64_t block) {
  const SasRec posterior = networks.posterior->encoder(), prior = networks.prior->encoder();
  posterior_states = sequences.last_states(posterior, block);
  prior_states = same_parameters(*posterior, *prior) ? posterior_states : sequences.last_states(prior, block);
}

OneTurnUsers EmSplit::users() const {
  return {.posterior_states = posterior_states,
          .prior_states = prior_states,
          .text = text.all(),
          .targets = examples.targets,
          .has_text = examples.has_text,
          .seen = &examples.seen};
}

at::Tensor draw_all(const ExampleNegatives& negatives, uint64_t seed, uint64_t epoch) {
  const int64_t width = negatives.count();
  at::Tensor drawn = at::empty({negatives.size(), width}, at::kLong);
  int64_t* const all = drawn.data_ptr<int64_t>();
  at::parallel_for(0, negatives.size(), 1024, [&](int64_t begin, int64_t end) {
    negatives.draw(seed, epoch, begin, {all + begin * width, static_cast<size_t>((end - begin) * width)});
  });
  return drawn;
}

EmBatches::EmBatches(const EmSplit& train, ExampleNegatives sampler, const EmModel& model)
    : train_(train), sampler_(std::move(sampler)), batch_size_(model.em.batch_size) {
  if (model.compat.fixed_negatives) fixed_negatives_seed_ = derive_seed(model.seed, "negatives");
}

void EmBatches::draw_negatives(uint64_t stage_seed, int64_t epoch) {
  const at::Tensor drawn = fixed_negatives_seed_ ? draw_all(sampler_, *fixed_negatives_seed_, 0)
                                                 : draw_all(sampler_, stage_seed, static_cast<uint64_t>(epoch));
  if (negatives_.defined())
    negatives_.copy_(drawn);  // recorded steps read them where they are
  else
    negatives_ = drawn.to(train_.targets.device());
}

void EmBatches::shuffle(uint64_t pass_seed) {
  std::vector<int64_t> order(static_cast<size_t>(train_.examples.size()));
  std::iota(order.begin(), order.end(), 0);
  Rng(pass_seed).shuffle(order);
  order_ = at::tensor(order, at::kLong).to(train_.targets.device());
}

int64_t EmBatches::count() const { return (train_.examples.size() + batch_size_ - 1) / batch_size_; }

at::Tensor EmBatches::rows(int64_t step) const {
  const int64_t begin = step * batch_size_;
  return order_.slice(0, begin, std::min(begin + batch_size_, order_.size(0)));
}

at::Tensor EmBatches::items(const at::Tensor& rows) const {
  return at::cat({train_.targets.index_select(0, rows), negatives_.index_select(0, rows)}, 1);
}

}  // namespace latentcrs
