// Full-catalogue ranking by matrix products of users and items.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/metrics/metrics.h"

namespace latentcrs {

/// The items that may be ranked. Row indices are rows of the item table.
struct Candidates {
  std::vector<int64_t> non_items = {};  ///< rows without an item (padding, mask token): never ranked
  /// The items to leave out for user i (their history); an empty function leaves out none. The target itself is always
  /// ranked. Called from several threads at once.
  std::function<std::span<const int32_t>(int64_t user)> excluded = {};
  /// Published ICLRec evaluation: excluded items get score 0 instead of -inf, and non_items are ranked.
  bool excluded_score_zero = false;
};

/// Rank of each user's target among all candidates, ties ranked pessimistically (an item with the target's score counts
/// as above it). users [N, D], items [V, D], any floating type and device, multiplied as float32 on that of `items`;
/// targets [N] rows of `items`. Deterministic. Throws Error(data) for an item without a row, Error(numeric) naming the
/// first user with a NaN among their scores.
std::vector<Rank> rank_targets(const at::Tensor& users, const at::Tensor& items, std::span<const int32_t> targets,
                               const Candidates& candidates);

struct BothRanks {
  std::vector<Rank> left_out;  ///< as rank_targets() ranks
  std::vector<Rank> kept;      ///< as if candidates.excluded were empty
};
/// Both from one pass over the scores on the CPU. candidates.excluded_score_zero is false. Throws as rank_targets()
/// does.
BothRanks rank_targets_both_ways(const at::Tensor& users, const at::Tensor& items, std::span<const int32_t> targets,
                                 const Candidates& candidates);

/// Same for a given score of every item that is the same for all users, [V] (popularity); compared in double precision.
std::vector<Rank> rank_targets_by_score(std::span<const double> scores, std::span<const int32_t> targets,
                                        const Candidates& candidates);

/// A row of the item table and its score for some user.
struct ScoredRow {
  int32_t row = 0;
  float score = 0;
};

/// The k best rows for each user, best first, ties by lower row: [N][k]. k is clamped to the number of candidates of
/// each user. Throws as rank_targets() does. May be called from several threads at once.
std::vector<std::vector<ScoredRow>> top_k_scored(const at::Tensor& users, const at::Tensor& items, int k,
                                                 const Candidates& candidates);
/// The same rows without their scores.
std::vector<std::vector<int32_t>> top_k(const at::Tensor& users, const at::Tensor& items, int k,
                                        const Candidates& candidates);

}  // namespace latentcrs
