// The negatives of pretraining batches: items that a loss compares the next item with, drawn anew in every epoch.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "datasets/data/interactions.h"

namespace latentcrs {

/// How negatives are drawn. All draws are uniform and with replacement.
enum class NegativeSource {
  none,
  items,        ///< items of the dataset, one draw that all positions of a batch share
  other_items,  ///< for each position: items of the dataset without the position's next item
  unseen_rows,  ///< for each position: rows 1..item_size-1 of the item table that the user never had, as published
};

/// The negatives that a loss needs.
struct NegativePlan {
  NegativeSource source = NegativeSource::none;
  int count = 0;             ///< N, of a batch or of a position
  std::string setting = {};  ///< the setting that asks for them, for messages: "pretrain.loss=gbce"

  bool per_batch() const { return source == NegativeSource::items; }
  bool per_position() const { return source == NegativeSource::other_items || source == NegativeSource::unseen_rows; }
};

/// Draws the negatives of a plan. Those of positions are a function of (seed, epoch, user), those of a batch one of
/// (seed, epoch, step).
class BatchNegatives {
 public:
  /// `interactions` must outlive the object; `items` are its distinct items, ascending. Throws Error(config) naming the
  /// plan's setting if positions need other items than their next one and the dataset has a single item.
  BatchNegatives(const Interactions& interactions, std::vector<int32_t> items, NegativePlan plan, uint64_t seed);

  const NegativePlan& plan() const { return plan_; }
  /// [N], ascending; empty unless the plan is per batch.
  std::vector<int32_t> of_batch(int epoch, int64_t step) const;
  /// Appends N negatives for each of the user's positions, in their order; none unless the plan is per position.
  void append_of_user(int64_t user, std::span<const int32_t> targets, int epoch, std::vector<int32_t>& negatives);

 private:
  void append_other_items(std::span<const int32_t> targets, uint64_t seed, std::vector<int32_t>& negatives) const;
  void append_unseen_rows(int64_t user, size_t positions, uint64_t seed, std::vector<int32_t>& negatives);

  const Interactions& interactions_;
  std::vector<int32_t> items_;
  NegativePlan plan_;
  uint64_t seed_;
  std::vector<int64_t> had_by_;  // [item_size], scratch: the user of the last draw who had the item
};

}  // namespace latentcrs
