// What the encoder is trained and evaluated on: rows of item ids made from users' sequences (docs/method.md,
// section 4.2).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "config/config.h"
#include "data/interactions.h"
#include "util/random.h"

namespace latentcrs {

enum class Split { train, valid, test };

/// Of a sequence of n items: train s[0..n-3), valid s[0..n-2), test s[0..n-1).
std::span<const int32_t> split_input(std::span<const int32_t> sequence, Split split);
/// The item to predict: valid s[n-2], test s[n-1]. Not defined for train, where every position has a target.
int32_t split_answer(std::span<const int32_t> sequence, Split split);

// Views of a sequence for contrast. n is its length, w = floor(ratio * n); a crop or reorder with n - w - 1 <= 0
// returns the sequence unchanged. As published, the window never reaches the last item (unless w = 0).
/// w neighbours, or one item if w = 0.
std::vector<int32_t> crop_items(std::span<const int32_t> sequence, double ratio, Rng& rng);
/// w positions become 0.
std::vector<int32_t> mask_items(std::span<const int32_t> sequence, double ratio, Rng& rng);
/// w neighbours are shuffled.
std::vector<int32_t> reorder_items(std::span<const int32_t> sequence, double ratio, Rng& rng);

/// floor(ratio * n) positions are drawn with replacement, and before each position drawn stands a random item of
/// 1..item_size-2 that the sequence does not have. Throws Error(data) if it has them all.
std::vector<int32_t> with_noise(std::span<const int32_t> sequence, double ratio, int64_t item_size, Rng& rng);

/// Rows are left-padded with 0 and keep the last L items.
struct TrainingBatch {
  int64_t users = 0;              ///< B
  int64_t length = 0;             ///< L
  std::vector<int64_t> ids;       ///< [(1 + views) * B, L]: the train inputs, then view after view
  std::vector<int64_t> positive;  ///< [B, L], the next items
  /// For loss bce, else empty. [B, L], rows 1..item_size-1 that the user never had; 0 where positive is 0.
  std::vector<int64_t> negative;
  /// Items of the dataset, drawn uniformly and with replacement. For loss sampled_softmax [num_negatives], ascending,
  /// the batch's own. For gbce [P, num_negatives], of the P positions with a next item, without that item. Else empty.
  std::vector<int32_t> sampled;
  std::vector<int64_t> labels;  ///< [B], for de-noising: users with equal labels are not contrasted
};

/// Makes batches. Every random choice is a function of (seed, epoch, user, purpose), but for the negatives that a batch
/// shares, which are one of (seed, epoch, step): batches do not depend on each other, nor
/// otherwise on how users are grouped into batches.
class SequenceBatcher {
 public:
  /// `interactions` must outlive the batcher. Throws Error(config) if training_data_ratio leaves no user, or if loss
  /// gbce finds a single item.
  SequenceBatcher(const Interactions& interactions, const PretrainOptions& options, const CompatOptions& compat,
                  uint64_t seed);

  const Interactions& interactions() const { return interactions_; }
  int64_t item_size() const { return item_size_; }  ///< max item id + 2
  /// The ids that are items of the dataset, ascending.
  const std::vector<int32_t>& items() const { return items_; }
  int64_t num_train_users() const { return num_train_users_; }
  /// Train users in the epoch's random order.
  std::vector<int64_t> order(int epoch) const;

  TrainingBatch training_batch(std::span<const int64_t> users, int epoch, int64_t step, int views);
  /// Inputs of users [first, first + count) as rows [count, L]. Test inputs carry the noise of `noise_ratio`.
  std::vector<int64_t> inputs(int64_t first, int64_t count, Split split) const;

 private:
  void append_negatives(int64_t user, size_t count, int epoch, std::vector<int64_t>& rows);
  void append_other_items(int64_t user, std::span<const int32_t> targets, int epoch, std::vector<int32_t>& rows) const;
  std::vector<int32_t> shared_items(int epoch, int64_t step) const;
  std::vector<int32_t> view(int64_t user, int epoch, int index) const;

  const Interactions& interactions_;
  PretrainOptions options_;
  bool label_from_validation_;
  uint64_t seed_;
  int64_t item_size_, num_train_users_;
  std::vector<int32_t> items_;
  std::vector<int64_t> had_by_;  ///< [item_size], scratch: the user of the last draw who had the item
};

}  // namespace latentcrs
