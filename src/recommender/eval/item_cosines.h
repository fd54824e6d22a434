// Similarity of items by the users who have both (ItemKNN).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/metrics/metrics.h"
#include "datasets/data/histories.h"
#include "datasets/data/interactions.h"

namespace latentcrs {

enum class ItemsOfUsers { all, training };

/// The distinct items of each user of the dataset, in dense ids, of the whole sequence or of its training part.
Histories user_items(const Interactions& interactions, const DenseItems& items, ItemsOfUsers which);

/// How many users have both of two items.
class CoOccurrence {
 public:
  /// `users`: distinct dense ids in [1, rows); rows = V + 1.
  CoOccurrence(Histories users, int64_t rows);

  int64_t rows() const { return static_cast<int64_t>(counts_.size()); }
  /// The users of each item, [V + 1].
  const std::vector<double>& counts() const { return counts_; }
  /// c_ij of item i with every item j, [V + 1]; c_ii is its number of users.
  void counts_with(int32_t item, std::span<double> row) const;
  /// c_ij / √(c_i c_j), and 0 for the item itself and for items without users.
  void cosines_with(int32_t item, std::span<double> row) const;

 private:
  Histories users_;     ///< the items of each user
  Histories of_items_;  ///< the users of each item
  std::vector<double> counts_;
};

/// Σ_h cosine(h, y) over a history, for every item y: [V + 1].
class HistoryCosines {
 public:
  explicit HistoryCosines(const CoOccurrence& pairs) : pairs_(pairs), row_(static_cast<size_t>(pairs.rows())) {}
  std::vector<double> scores(std::span<const int32_t> history);

 private:
  const CoOccurrence& pairs_;
  std::vector<double> row_;
};

/// Ranks of the targets by the cosines with the histories, whose items are no candidates. Without a history they are
/// ranked by popularity.
std::vector<Rank> rank_by_history_cosines(const CoOccurrence& pairs, const Histories& histories,
                                          std::span<const int32_t> targets);

}  // namespace latentcrs
