#include "recommender/train/em_data.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <numeric>

#include "base/util/random.h"
#include "recommender/model/parameters.h"

namespace latentcrs {

namespace {

/// The cosine of each item of the histories with its example's target, by the rows of the item table [V, d].
std::vector<float> target_cosines(const EmExamples& examples, const at::Tensor& table) {
  const at::NoGradGuard no_grad;
  std::vector<int32_t> targets;
  for (int64_t i = 0; i < examples.size(); ++i)
    targets.insert(targets.end(), examples.histories.of(i).size(), examples.targets[static_cast<size_t>(i)]);
  const at::Tensor rows = (table / table.norm(2, 1, true).clamp_min(1e-12)).to(at::kCPU);
  const auto of = [&](const std::vector<int32_t>& items) {
    return rows.index_select(0, at::tensor(items, at::kInt).to(at::kLong));
  };
  const at::Tensor cosines = (of(examples.histories.items) * of(targets)).sum(1).contiguous();
  return {cosines.data_ptr<float>(), cosines.data_ptr<float>() + cosines.numel()};
}

}  // namespace

EmSplit::EmSplit(const EmExamples& split, const EmModel& model)
    : examples(split),
      sequences(split.histories, model.encoder_options.max_seq_length, em_positions(model.compat), model.device),
      text(model.device.is_cpu() ? split.embeddings : RowTable(split.embeddings.all().to(model.device))),
      targets(at::tensor(split.targets, at::kInt).to(model.device, at::kLong).unsqueeze(1)),
      model_(model) {}

void EmSplit::compute_states(const EmNetworks& networks, int64_t block) {
  const SasRec posterior = networks.posterior->encoder(), prior = networks.prior->encoder();
  posterior_states = sequences.last_states(posterior, block);
  prior_states = same_parameters(*posterior, *prior) ? posterior_states : sequences.last_states(prior, block);
}

void EmSplit::draw_histories(const ShortHistoryOptions& options, const EmNetworks& networks,
                             const UnknownStates& unknown, uint64_t seed) {
  if (options.likeness > 0 && cosines_.empty()) cosines_ = target_cosines(examples, networks.prior->item_table());
  drawn_ = draw_short_histories(examples.histories, options, seed, cosines_);
  sequences = {drawn_->histories, model_.encoder_options.max_seq_length, em_positions(model_.compat), model_.device};
  drew_nothing = at::tensor(drawn_->empty, at::kByte).to(model_.device, at::kBool);
  compute_states(networks, model_.em.eval_batch_size);
  const at::Tensor all = at::arange(examples.size(), targets.options());
  const bool shared = posterior_states.is_same(prior_states);
  posterior_states = known_or(unknown.posterior, posterior_states, all);
  prior_states = shared ? posterior_states : known_or(unknown.prior, prior_states, all);
}

at::Tensor EmSplit::known_or(const at::Tensor& of_unknown, const at::Tensor& states, const at::Tensor& rows) const {
  if (!drew_nothing.defined()) return states;
  return at::where(drew_nothing.index_select(0, rows).unsqueeze(1), of_unknown, states);
}

at::Tensor EmSplit::has_history(const at::Tensor& rows) const {
  if (!drew_nothing.defined()) return {};
  return drew_nothing.index_select(0, rows).logical_not().to(at::kFloat).unsqueeze(1);
}

std::span<const int32_t> EmSplit::history(int64_t example) const {
  if (!drawn_) return examples.histories.of(example);
  if (drawn_->empty[static_cast<size_t>(example)] != 0) return {};
  return drawn_->histories.of(example);
}

OneTurnUsers EmSplit::users() const {
  return {.posterior_states = posterior_states,
          .prior_states = prior_states,
          .text = text,
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
