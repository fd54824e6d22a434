// evaluate_encoder: ranks in the full catalogue (docs/method.md, section 4.6).
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/grad_mode.h>

#include <algorithm>

#include "batch_tensors.h"
#include "latentcrs/eval/ranker.h"
#include "latentcrs/train/pretrainer.h"
#include "latentcrs/util/interrupt.h"

namespace latentcrs {

namespace {

constexpr int64_t kUserBlock = 512;  // users encoded at once

/// Last states [U, D] of all users' inputs.
at::Tensor last_states(SasRec& encoder, const SequenceBatcher& sequences, Split split) {
  const int64_t users = sequences.interactions().num_users(), length = encoder->options().max_seq_length;
  std::vector<at::Tensor> blocks;
  for (int64_t first = 0; first < users; first += kUserBlock) {
    throw_if_interrupted();
    const int64_t count = std::min(kUserBlock, users - first);
    blocks.push_back(encoder->last_state(
        ids_on_device(sequences.inputs(first, count, split), {count, length}, encoder->item_table().device())));
  }
  return at::cat(blocks);
}

/// Rows of the item table that are no item of the dataset.
std::vector<int64_t> non_items(const SequenceBatcher& sequences, int64_t item_size) {
  std::vector<bool> is_item(static_cast<size_t>(item_size));
  for (int32_t item : sequences.items()) is_item[static_cast<size_t>(item)] = true;
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < item_size; ++row)
    if (!is_item[static_cast<size_t>(row)]) rows.push_back(row);
  return rows;
}

}  // namespace

std::vector<Rank> evaluate_encoder(SasRec encoder, const SequenceBatcher& sequences, Split split,
                                   const CompatOptions& compat) {
  const at::NoGradGuard no_grad;
  const Interactions& interactions = sequences.interactions();
  std::vector<int32_t> targets;
  for (int64_t user = 0; user < interactions.num_users(); ++user)
    targets.push_back(split_answer(interactions.sequence(user), split));
  const Candidates candidates{.non_items = non_items(sequences, encoder->item_size()),
                              .excluded = [&](int64_t user) { return split_input(interactions.sequence(user), split); },
                              .excluded_score_zero = compat.seen_items_score_zero};
  return rank_targets(last_states(encoder, sequences, split), encoder->item_table().detach(), targets, candidates);
}

}  // namespace latentcrs
