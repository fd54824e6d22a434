// The batches of the encoder's training and evaluation: rows of item ids made from users' sequences (docs/method.md,
// section 4.2).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/config/compat_options.h"
#include "base/config/pretrain_options.h"
#include "base/util/random.h"
#include "datasets/data/batch_negatives.h"
#include "datasets/data/targets.h"

namespace latentcrs {

// Views of a sequence for contrast. n is its length, w = floor(ratio * n); a crop or reorder with n - w - 1 <= 0
// returns the sequence unchanged. As published, the window never reaches the last item (unless w = 0).
/// w neighbours, or one item if w = 0.
std::vector<int32_t> crop_items(std::span<const int32_t> sequence, double ratio, Rng& rng);
/// w positions become 0.
std::vector<int32_t> mask_items(std::span<const int32_t> sequence, double ratio, Rng& rng);
/// w neighbours are shuffled.
std::vector<int32_t> reorder_items(std::span<const int32_t> sequence, double ratio, Rng& rng);

/// Draws floor(ratio * n) positions with replacement, and inserts before each a random item of 1..item_size-2 that the
/// sequence does not have. Throws Error(data) if the sequence has all of them.
std::vector<int32_t> with_noise(std::span<const int32_t> sequence, double ratio, int64_t item_size, Rng& rng);

/// Rows are left-padded with 0 and keep the last L items.
struct TrainingBatch {
  int64_t users = 0;   ///< B
  int64_t length = 0;  ///< L
  /// [(1 + views) * B, L]: the train inputs (with pretrain.random_order in an order of the epoch), then view after view
  std::vector<int64_t> ids;
  std::vector<int64_t> positive;  ///< [B, L], the next items
  /// [N] ascending, for the whole batch; or [P, N], for the P positions with a next item; or empty (NegativePlan).
  std::vector<int32_t> negatives;
  int64_t negatives_each = 0;   ///< N if each position has its own, else 0
  std::vector<int64_t> labels;  ///< [B] with pretrain.de_noise, else empty; users of one label are not contrasted
};

/// Makes batches. Every random choice is a function of (seed, epoch, user, purpose), except the negatives that a batch
/// shares, which are a function of (seed, epoch, step): batches do not depend on each other, nor otherwise on how users
/// are grouped into batches.
class SequenceBatcher {
 public:
  /// `interactions` must outlive the batcher. Throws Error(config) if training_data_ratio leaves no user, or if the
  /// dataset has too few items for the negatives.
  SequenceBatcher(const Interactions& interactions, const PretrainOptions& options, const CompatOptions& compat,
                  uint64_t seed, NegativePlan negatives = {});

  const Interactions& interactions() const { return interactions_; }
  int64_t item_size() const { return item_size_; }  ///< max item id + 2
  /// The ids that are items of the dataset, ascending.
  const std::vector<int32_t>& items() const { return items_; }
  int64_t num_train_users() const { return static_cast<int64_t>(train_users_.size()); }
  /// The targets of valid or test.
  const std::vector<Target>& targets(Split split) const { return split == Split::valid ? valid_ : test_; }
  /// Train users in the epoch's random order.
  std::vector<int64_t> order(int epoch) const;

  TrainingBatch training_batch(std::span<const int64_t> users, int epoch, int64_t step, int views);
  /// Inputs as rows [count, L]: of the train users first, first + 1, …, or of the targets of valid or test from the
  /// first-th on. Test inputs carry the noise of `noise_ratio`.
  std::vector<int64_t> inputs(int64_t first, int64_t count, Split split) const;

 private:
  std::vector<int32_t> training_items(int64_t user, int epoch) const;
  std::vector<int32_t> view(int64_t user, int epoch, int index) const;
  int64_t label_of(int64_t user) const;
  std::vector<int32_t> noisy_input(const Target& target) const;

  const Interactions& interactions_;
  PretrainOptions options_;
  bool label_from_validation_;
  uint64_t seed_;
  int64_t item_size_;
  std::vector<int64_t> train_users_;
  std::vector<Target> valid_, test_;
  std::vector<int32_t> items_;
  BatchNegatives negatives_;
};

}  // namespace latentcrs
