#include "recommender/eval/item_cosines.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "recommender/eval/ranker.h"

namespace latentcrs {

Histories user_items(const Interactions& interactions, const DenseItems& items, ItemsOfUsers which) {
  Histories users;
  for (int64_t u = 0; u < interactions.num_users(); ++u) {
    users.add(items.distinct(which == ItemsOfUsers::all ? interactions.sequence(u) : interactions.training(u)));
  }
  return users;
}

CoOccurrence::CoOccurrence(Histories users, int64_t rows)
    : users_(std::move(users)), counts_(static_cast<size_t>(rows), 0.0) {
  std::vector<std::vector<int32_t>> of_items(counts_.size());
  for (int64_t u = 0; u < users_.size(); ++u)
    for (const int32_t item : users_.of(u)) of_items[static_cast<size_t>(item)].push_back(static_cast<int32_t>(u));
  for (size_t item = 0; item < of_items.size(); ++item) {
    of_items_.add(of_items[item]);
    counts_[item] = static_cast<double>(of_items[item].size());
  }
}

void CoOccurrence::counts_with(int32_t item, std::span<double> row) const {
  std::fill(row.begin(), row.end(), 0.0);
  for (const int32_t user : of_items_.of(item))
    for (const int32_t other : users_.of(user)) row[static_cast<size_t>(other)] += 1;
}

void CoOccurrence::cosines_with(int32_t item, std::span<double> row) const {
  counts_with(item, row);
  row[static_cast<size_t>(item)] = 0;
  const double own = counts_[static_cast<size_t>(item)];
  for (size_t other = 0; other < row.size(); ++other)
    if (row[other] > 0) row[other] /= std::sqrt(own * counts_[other]);
}

std::vector<double> HistoryCosines::scores(std::span<const int32_t> history) {
  std::vector<double> sum(row_.size(), 0.0);
  for (const int32_t item : history) {
    pairs_.cosines_with(item, row_);
    for (size_t y = 0; y < sum.size(); ++y) sum[y] += row_[y];
  }
  return sum;
}

std::vector<Rank> rank_by_history_cosines(const CoOccurrence& pairs, const Histories& histories,
                                          std::span<const int32_t> targets) {
  HistoryCosines cosines(pairs);
  std::vector<Rank> ranks;
  for (size_t i = 0; i < targets.size(); ++i) {
    const std::span<const int32_t> history = histories.of(static_cast<int64_t>(i));
    const std::vector<double> scores = history.empty() ? pairs.counts() : cosines.scores(history);
    const Candidates candidates{.non_items = {0}, .excluded = [history](int64_t) { return history; }};
    ranks.push_back(rank_targets_by_score(scores, targets.subspan(i, 1), candidates)[0]);
  }
  return ranks;
}

}  // namespace latentcrs
