// The data that EM reads in its steps, resident on the device.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "datasets/data/example_negatives.h"
#include "datasets/data/short_histories.h"
#include "recommender/eval/em_scores.h"
#include "recommender/train/em_examples.h"
#include "recommender/train/em_networks.h"

namespace latentcrs {

/// The states of a user about whom nothing is known under both encoders, [1, d]; undefined where there is no such user.
struct UnknownStates {
  at::Tensor posterior, prior;
};

/// The examples of one split.
struct EmSplit {
  EmSplit(const EmExamples& split, const EmModel& model);

  /// Fills both tables of states from the encoders as they stand.
  void compute_states(const EmNetworks& networks, int64_t block);
  /// From now on the histories are a few of their items, and both tables are those of these. Users who drew no item
  /// have the states `unknown` of a user about whom nothing is known.
  void draw_histories(const ShortHistoryOptions& options, const EmNetworks& networks, const UnknownStates& unknown,
                      uint64_t seed);
  /// States [B, d] of `rows`, with `of_unknown` [1, d] for users who drew no item.
  at::Tensor known_or(const at::Tensor& of_unknown, const at::Tensor& states, const at::Tensor& rows) const;
  /// [B, 1]: 0 for `rows` whose history drew no item, else 1; undefined while histories are whole.
  at::Tensor has_history(const at::Tensor& rows) const;
  OneTurnUsers users() const;
  /// The items of the history of an example, as it is now.
  std::span<const int32_t> history(int64_t example) const;

  const EmExamples& examples;
  UserSequences sequences;
  RowTable text;                              ///< x [n, E]
  at::Tensor targets;                         ///< [n, 1]
  at::Tensor posterior_states, prior_states;  ///< h_u [n, d], dropout off; undefined until computed
  at::Tensor drew_nothing;                    ///< [n] bool; undefined while histories are whole

 private:
  const EmModel& model_;
  std::vector<float> cosines_;           // of the items of all histories with the target; empty without likeness
  std::optional<ShortHistories> drawn_;  // none while histories are whole
};

/// The negatives of all examples in an epoch, [n, N] int64 dense ids; the same for any number of threads.
at::Tensor draw_all(const ExampleNegatives& negatives, uint64_t seed, uint64_t epoch);

/// The examples and negatives of each step.
class EmBatches {
 public:
  EmBatches(const EmSplit& train, ExampleNegatives sampler, const EmModel& model);

  /// Negatives of the epoch (the same ones always under compat.fixed_negatives).
  void draw_negatives(uint64_t stage_seed, int64_t epoch);
  /// A new order for a pass.
  void shuffle(uint64_t pass_seed);

  int64_t count() const;
  /// Examples of a step, [B], on the device.
  at::Tensor rows(int64_t step) const;
  /// Targets and negatives of examples, [B, 1 + N].
  at::Tensor items(const at::Tensor& rows) const;

 private:
  const EmSplit& train_;
  ExampleNegatives sampler_;
  int64_t batch_size_;
  std::optional<uint64_t> fixed_negatives_seed_;  // under compat.fixed_negatives
  at::Tensor order_;                              // [n]
  at::Tensor negatives_;                          // [n, N]
};

}  // namespace latentcrs
