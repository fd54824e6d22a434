#include "recommender/eval/encoder_evaluation.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/grad_mode.h>

#include <utility>

#include "base/util/interrupt.h"
#include "base/util/profile.h"
#include "numerics/parallel/row_blocks.h"
#include "recommender/eval/ranker.h"
#include "recommender/model/batch_tensors.h"

namespace latentcrs {

namespace {

constexpr int64_t kUserBlock = 512;  // inputs encoded at once

/// Last states [n, D] of the inputs of all targets.
at::Tensor last_states(SasRec& encoder, const SequenceBatcher& sequences, Split split) {
  const profile::Scope scope("states of all users");
  const auto targets = static_cast<int64_t>(sequences.targets(split).size());
  const int64_t length = encoder->options().max_seq_length;
  const at::TensorOptions options = encoder->item_table().options();
  at::Tensor states = at::empty({targets, encoder->options().hidden_size}, options);
  fill_in_blocks(Processes::current(), states, kUserBlock, [&](int64_t begin, int64_t end) {
    throw_if_interrupted();
    return encoder->last_state(
        ids_on_device(sequences.inputs(begin, end - begin, split), {end - begin, length}, options.device()));
  });
  return states;
}

/// Rows of the item table without an item of the dataset.
std::vector<int64_t> non_items(const SequenceBatcher& sequences, int64_t item_size) {
  std::vector<bool> is_item(static_cast<size_t>(item_size));
  for (int32_t item : sequences.items()) is_item[static_cast<size_t>(item)] = true;
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < item_size; ++row)
    if (!is_item[static_cast<size_t>(row)]) rows.push_back(row);
  return rows;
}

/// The answers of a split ranked by the encoder as it is.
class EncoderRanking {
 public:
  EncoderRanking(SasRec& encoder, const SequenceBatcher& sequences, Split split)
      : interactions_(sequences.interactions()),
        targets_(sequences.targets(split)),
        items_(encoder->item_table().detach()),
        non_items_(non_items(sequences, encoder->item_size())),
        states_(last_states(encoder, sequences, split)) {
    for (const Target& target : targets_) answers_.push_back(item_of(interactions_, target));
  }

  std::vector<Rank> left_out(const CompatOptions& compat) const {
    return rank_targets(states_, items_, answers_, candidates(compat.seen_items_score_zero));
  }
  EncoderRanks both(const CompatOptions& compat) const {
    if (compat.seen_items_score_zero)
      return {.left_out = left_out(compat), .kept = rank_targets(states_, items_, answers_, {.non_items = non_items_})};
    BothRanks ranks = rank_targets_both_ways(states_, items_, answers_, candidates(false));
    return {.left_out = std::move(ranks.left_out), .kept = std::move(ranks.kept)};
  }

 private:
  Candidates candidates(bool excluded_score_zero) const {
    return {.non_items = non_items_,
            .excluded = [this](int64_t i) { return items_before(interactions_, targets_[static_cast<size_t>(i)]); },
            .excluded_score_zero = excluded_score_zero};
  }

  const Interactions& interactions_;
  const std::vector<Target>& targets_;  // [n]
  at::Tensor items_;                    // [V, D]
  std::vector<int64_t> non_items_;
  std::vector<int32_t> answers_;  // [n]
  at::Tensor states_;             // [n, D]
};

}  // namespace

std::vector<Rank> evaluate_encoder(SasRec encoder, const SequenceBatcher& sequences, Split split,
                                   const CompatOptions& compat) {
  const at::NoGradGuard no_grad;
  return EncoderRanking(encoder, sequences, split).left_out(compat);
}

EncoderRanks rank_next_items(SasRec encoder, const SequenceBatcher& sequences, Split split,
                             const CompatOptions& compat) {
  const at::NoGradGuard no_grad;
  return EncoderRanking(encoder, sequences, split).both(compat);
}

}  // namespace latentcrs
