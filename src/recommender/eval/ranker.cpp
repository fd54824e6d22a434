#include "recommender/eval/ranker.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/util/error.h"
#include "base/util/profile.h"
#include "numerics/linalg/products.h"
#include "numerics/parallel/row_blocks.h"
#include "recommender/eval/catalogue_ranks.h"
#include "recommender/eval/device_ranks.h"

namespace latentcrs {

namespace {

constexpr int64_t kScoresPerBlock = int64_t{1} << 20;        // 4 MiB a thread: they stay in its cache until counted
constexpr int64_t kFewestUsers = 64;                         // in a block: a product of fewer rows is slow
constexpr int64_t kUsersPerRun = 512;                        // a process of several ranks whole multiples of them
constexpr int64_t kDeviceScoresPerBlock = int64_t{1} << 26;  // 256 MiB

void check_row(int64_t row, int64_t rows) {
  if (row < 0 || row >= rows) {
    throw data_error(fmt::format(
        "item {} has no row in the item table of {} rows: do the weights belong to another dataset?", row, rows));
  }
}

void check_candidates(const Candidates& candidates, int64_t users, int64_t rows) {
  for (const int64_t item : candidates.non_items) check_row(item, rows);
  if (!candidates.excluded) return;
  for (int64_t user = 0; user < users; ++user) {
    for (const int32_t item : candidates.excluded(user)) check_row(item, rows);
  }
}

void check_targets(std::span<const int32_t> targets, int64_t users, int64_t rows) {
  if (static_cast<int64_t>(targets.size()) != users) {
    throw internal_error(fmt::format("{} targets for {} users", targets.size(), users));
  }
  for (const int32_t target : targets) check_row(target, rows);
}

/// Throws for the first user whose mark is `bad`.
template <class Mark>
void check_sound(const std::vector<Mark>& marks, Mark bad) {
  const auto user = std::find(marks.begin(), marks.end(), bad);
  if (user != marks.end()) {
    throw numeric_error(fmt::format("the scores of user {} are not finite: check the weights and the embeddings",
                                    user - marks.begin()));
  }
}

void mask(float* row, int64_t user, const Candidates& candidates) {
  if (!candidates.excluded_score_zero) {
    for (const int64_t item : candidates.non_items) row[item] = kNever;
  }
  if (!candidates.excluded) return;
  for (const int32_t item : candidates.excluded(user)) row[item] = candidates.excluded_score_zero ? 0.0f : kNever;
}

bool has_nan(const float* row, int64_t width) {
  int unordered = 0;
  for (int64_t j = 0; j < width; ++j) unordered += row[j] != row[j];
  return unordered != 0;
}

/// Users and items prepared for their matrix product, in blocks of about `scores` scores.
struct UserBlocks {
  UserBlocks(const at::Tensor& user_vectors, const at::Tensor& item_vectors, int64_t scores)
      : users(user_vectors.detach().to(item_vectors.device(), at::kFloat)),
        items(item_vectors.detach().to(at::kFloat).t()),
        size(std::max(kFewestUsers, scores / std::max<int64_t>(1, items.size(1)))) {}

  int64_t count() const { return (users.size(0) + size - 1) / size; }
  int64_t begin(int64_t block) const { return block * size; }
  int64_t end(int64_t block) const { return std::min(begin(block) + size, users.size(0)); }
  at::Tensor scores(int64_t block) const {
    const at::Tensor rows = users.slice(0, begin(block), end(block));
    return rows.is_cpu() ? packed_product(rows, items) : at::mm(rows, items);
  }

  at::Tensor users, items;  ///< [N, D], [D, V]
  int64_t size;
};

/// Calls body(user, scores [V]) for every user, blocks in parallel.
template <class Body>
void for_each_user(const UserBlocks& blocks, Body body) {
  at::parallel_for(0, blocks.count(), 1, [&](int64_t first, int64_t last) {
    for (int64_t block = first; block < last; ++block) {
      const at::Tensor scores = blocks.scores(block).to(at::kCPU);
      float* row = scores.data_ptr<float>();
      for (int64_t user = blocks.begin(block); user < blocks.end(block); ++user, row += scores.size(1)) body(user, row);
    }
  });
}

/// The k highest scores above -inf, best first, ties by lower row.
std::vector<ScoredRow> best_rows(const float* row, int64_t width, int64_t k) {
  std::vector<int32_t> order;
  for (int64_t j = 0; j < width; ++j) {
    if (row[j] > kNever) order.push_back(static_cast<int32_t>(j));
  }
  const auto middle = order.begin() + std::min<int64_t>(k, static_cast<int64_t>(order.size()));
  std::partial_sort(order.begin(), middle, order.end(),
                    [row](int32_t a, int32_t b) { return row[a] != row[b] ? row[a] > row[b] : a < b; });
  std::vector<ScoredRow> best;
  for (auto j = order.begin(); j != middle; ++j) best.push_back({*j, row[*j]});
  return best;
}

void check(const at::Tensor& users, const at::Tensor& items, std::span<const int32_t> targets,
           const Candidates& candidates) {
  check_targets(targets, users.size(0), items.size(0));
  check_candidates(candidates, users.size(0), items.size(0));
}

BothRanks ranks_on_cpu(const at::Tensor& users, const at::Tensor& items, std::span<const int32_t> targets,
                       const Candidates& candidates) {
  return catalogue_ranks(users.detach().to(at::kCPU, at::kFloat), items.detach().to(at::kFloat), targets, candidates);
}

std::vector<Rank> ranks_on_device(const at::Tensor& users, const at::Tensor& items, std::span<const int32_t> targets,
                                  const Candidates& candidates) {
  std::vector<Rank> ranks(targets.size());
  const UserBlocks blocks(users, items, kDeviceScoresPerBlock);
  for (int64_t block = 0; block < blocks.count(); ++block) {
    const auto begin = static_cast<size_t>(blocks.begin(block)), count = static_cast<size_t>(blocks.end(block)) - begin;
    device_ranks(blocks.scores(block), blocks.begin(block), targets.subspan(begin, count), candidates,
                 std::span(ranks).subspan(begin, count));
  }
  return ranks;
}

/// The users that this process ranks, of those that the processes of a run share.
class OwnUsers {
 public:
  OwnUsers(const at::Tensor& all, std::span<const int32_t> all_targets, const Candidates& all_candidates)
      : users(all), targets(all_targets), candidates(all_candidates) {
    if (!processes_.several()) return;
    parts_ = row_blocks_by_rank(processes_, all.size(0), kUsersPerRun);
    const Part own = parts_[static_cast<size_t>(processes_.rank())];
    users = all.narrow(0, own.begin, own.size());
    targets = all_targets.subspan(static_cast<size_t>(own.begin), static_cast<size_t>(own.size()));
    if (all_candidates.excluded)
      candidates.excluded = [&all_candidates, own](int64_t user) { return all_candidates.excluded(user + own.begin); };
  }

  /// The ranks of all users, given those of the own ones.
  std::vector<Rank> with_others(std::vector<Rank> ranks) const {
    if (!processes_.several()) return ranks;
    const Part own = parts_[static_cast<size_t>(processes_.rank())];
    std::vector<Rank> all(static_cast<size_t>(parts_.back().end));
    std::copy(ranks.begin(), ranks.end(), all.begin() + own.begin);
    at::Tensor table = at::from_blob(all.data(), {parts_.back().end}, at::kInt);
    processes_.gather_rows(table, parts_);
    return all;
  }

  at::Tensor users;
  std::span<const int32_t> targets;
  Candidates candidates;

 private:
  Processes& processes_ = Processes::current();
  std::vector<Part> parts_;
};

}  // namespace

std::vector<Rank> rank_targets(const at::Tensor& users, const at::Tensor& items, std::span<const int32_t> targets,
                               const Candidates& candidates) {
  const profile::Scope scope("ranks");
  check(users, items, targets, candidates);
  const OwnUsers own(users, targets, candidates);
  std::vector<Rank> ranks = items.is_cpu() ? ranks_on_cpu(own.users, items, own.targets, own.candidates).left_out
                                           : ranks_on_device(own.users, items, own.targets, own.candidates);
  ranks = own.with_others(std::move(ranks));
  check_sound(ranks, kUnsound);
  return ranks;
}

BothRanks rank_targets_both_ways(const at::Tensor& users, const at::Tensor& items, std::span<const int32_t> targets,
                                 const Candidates& candidates) {
  const profile::Scope scope("ranks");
  if (!items.is_cpu())
    return {.left_out = rank_targets(users, items, targets, candidates),
            .kept = rank_targets(users, items, targets, {.non_items = candidates.non_items})};
  check(users, items, targets, candidates);
  const OwnUsers own(users, targets, candidates);
  BothRanks ranks = ranks_on_cpu(own.users, items, own.targets, own.candidates);
  ranks = {own.with_others(std::move(ranks.left_out)), own.with_others(std::move(ranks.kept))};
  check_sound(ranks.left_out, kUnsound);
  check_sound(ranks.kept, kUnsound);
  return ranks;
}

std::vector<Rank> rank_targets_by_score(std::span<const double> scores, std::span<const int32_t> targets,
                                        const Candidates& candidates) {
  const auto rows = static_cast<int64_t>(scores.size()), users = static_cast<int64_t>(targets.size());
  check_targets(targets, users, rows);
  check_candidates(candidates, users, rows);
  std::vector<char> ranked(scores.size(), 1);
  if (!candidates.excluded_score_zero) {
    for (const int64_t item : candidates.non_items) ranked[static_cast<size_t>(item)] = 0;
  }
  std::vector<double> ascending;
  for (size_t item = 0; item < scores.size(); ++item) {
    if (std::isnan(scores[item])) throw numeric_error(fmt::format("the score of item {} is not a number", item));
    if (ranked[item] != 0) ascending.push_back(scores[item]);
  }
  std::sort(ascending.begin(), ascending.end());

  std::vector<Rank> ranks(targets.size());
  std::vector<int32_t> excluded;
  for (size_t user = 0; user < targets.size(); ++user) {
    const auto target = static_cast<size_t>(targets[user]);
    const double score = scores[target];
    auto others = ascending.end() - std::lower_bound(ascending.begin(), ascending.end(), score) - ranked[target];
    if (candidates.excluded) {
      const std::span<const int32_t> given = candidates.excluded(static_cast<int64_t>(user));
      excluded.assign(given.begin(), given.end());
      std::sort(excluded.begin(), excluded.end());
      excluded.erase(std::unique(excluded.begin(), excluded.end()), excluded.end());
    }
    for (const int32_t item : excluded) {
      const auto row = static_cast<size_t>(item);
      if (row == target || ranked[row] == 0) continue;
      others -= scores[row] >= score ? 1 : 0;
      if (candidates.excluded_score_zero) others += 0.0 >= score ? 1 : 0;
    }
    ranks[user] = static_cast<Rank>(1 + others);
  }
  return ranks;
}

std::vector<std::vector<ScoredRow>> top_k_scored(const at::Tensor& users, const at::Tensor& items, int k,
                                                 const Candidates& candidates) {
  const profile::Scope scope("best items");
  const int64_t width = items.size(0);
  check_candidates(candidates, users.size(0), width);
  std::vector<std::vector<ScoredRow>> best(static_cast<size_t>(users.size(0)));
  std::vector<char> unsound(best.size());
  for_each_user(UserBlocks(users, items, kScoresPerBlock), [&](int64_t user, float* row) {
    mask(row, user, candidates);
    unsound[static_cast<size_t>(user)] = has_nan(row, width);
    best[static_cast<size_t>(user)] = best_rows(row, width, k);
  });
  check_sound<char>(unsound, 1);
  return best;
}

std::vector<std::vector<int32_t>> top_k(const at::Tensor& users, const at::Tensor& items, int k,
                                        const Candidates& candidates) {
  std::vector<std::vector<int32_t>> rows;
  for (const std::vector<ScoredRow>& best : top_k_scored(users, items, k, candidates)) {
    rows.emplace_back();
    for (const ScoredRow& scored : best) rows.back().push_back(scored.row);
  }
  return rows;
}

}  // namespace latentcrs
