#include "recommender/eval/catalogue_ranks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "numerics/linalg/aligned_vector.h"
#include "numerics/linalg/amx/split_kernel.h"
#include "numerics/linalg/logit_tiles.h"
#include "recommender/eval/device_ranks.h"

namespace latentcrs {

namespace {

using kernels::LogitTile;

/// Of some users, an element a user.
struct ScoreCounts {
  explicit ScoreCounts(int64_t users) : at_least(static_cast<size_t>(users)), unordered(at_least.size()) {}
  void add(const ScoreCounts& other, Span users) {
    for (auto i = users.begin; i < users.end; ++i) {
      at_least[static_cast<size_t>(i)] += other.at_least[static_cast<size_t>(i - users.begin)];
      unordered[static_cast<size_t>(i)] += other.unordered[static_cast<size_t>(i - users.begin)];
    }
  }

  std::vector<int32_t> at_least;   ///< scores of at least the target's
  std::vector<int32_t> unordered;  ///< scores that are NaN
};

/// What the excluded items of all users add to their ranks.
struct ExcludedCounts {
  explicit ExcludedCounts(int64_t users) : scores(users), items(scores.at_least.size()) {}

  ScoreCounts scores;
  std::vector<int32_t> items;
};

/// Memory of a thread for the excluded items of one user after another.
struct ExcludedItems {
  explicit ExcludedItems(int64_t items) : last_user(static_cast<size_t>(items), -1) {}

  std::vector<int32_t> last_user;  ///< [V], the last user that had excluded an item
  std::vector<int32_t> rows;       ///< of the user, without repetitions
  std::vector<float> scores;
};

/// AMX for vectors of so many numbers; wider ones have an error for which too many scores lie near to the target's.
const kernels::SplitKernel* split_for(int64_t width) {
  constexpr int64_t kWidest = 512;
  return width <= kWidest ? kernels::split_kernel() : nullptr;
}

/// x [N, D] with columns of zeros where AMX needs them, which change no score.
at::Tensor as_rows(const at::Tensor& x) {
  const int64_t missing = split_for(x.size(1)) != nullptr ? kernels::whole_groups(x.size(1)) - x.size(1) : 0;
  return missing == 0 ? x.detach().contiguous() : at::constant_pad_nd(x.detach(), {0, missing});
}

/// Memory of a thread for scores by AMX.
struct SplitScoreMemory {
  explicit SplitScoreMemory(int64_t width)
      : rows(static_cast<size_t>(3 * kTileColumns * width)),
        items(static_cast<size_t>(kernels::split_memory(width))),
        low(static_cast<size_t>(kTileColumns)),
        high(low.size()),
        near(static_cast<size_t>(kTileColumns * kTileItems / kNearShare)) {}

  /// Where so large a part of a tile's scores lies near to the targets', no score is made twice.
  static constexpr int64_t kNearShare = 64;

  AlignedVector<uint16_t> rows, items;  ///< packed
  std::vector<float> low, high;         ///< of users: between them scores are near to the target's
  std::vector<kernels::RowColumn> near;
};

class CatalogueRanking {
 public:
  CatalogueRanking(const at::Tensor& users, const at::Tensor& items, std::span<const int32_t> targets,
                   const Candidates& candidates)
      : split_(split_for(users.size(1))),
        users_(as_rows(users)),
        items_(as_rows(items)),
        targets_(targets),
        candidates_(candidates),
        grid_(items.size(0), users.size(0)),
        scores_(targets.size()),
        skips_(items.size(0), candidates) {}

  BothRanks run() {
    for (size_t i = 0; i < scores_.size(); ++i)
      scores_[i] = kernel_.dot(user(static_cast<int64_t>(i)), item(targets_[i]), width());
    std::vector<ScoreCounts> all(static_cast<size_t>(grid_.units()), ScoreCounts(kTileColumns));
    const auto count = [&](TileMemory& memory, int64_t unit) {
      count_unit(memory, unit, all[static_cast<size_t>(unit)]);
    };
    if (split_ != nullptr)
      count_split(count, all);
    else
      each_unit(grid_.units(), count);
    return ranks(all, excluded_counts());
  }

 private:
  /// Rows that are never ranked, ascending.
  struct Skips {
    Skips(int64_t items, const Candidates& candidates) : marks(static_cast<size_t>(items)) {
      if (!candidates.excluded_score_zero) rows = candidates.non_items;
      for (const int64_t row : rows) marks[static_cast<size_t>(row)] = 1;
      rows.push_back(items);  // the end
      std::sort(rows.begin(), rows.end());
    }
    bool contain(int64_t row) const { return marks[static_cast<size_t>(row)] != 0; }
    std::vector<int64_t> rows;
    std::vector<uint8_t> marks;  ///< [V], 1 for these rows
  };

  int64_t width() const { return users_.size(1); }
  const float* user(int64_t i) const { return users_.data_ptr<float>() + i * width(); }
  const float* item(int64_t row) const { return items_.data_ptr<float>() + row * width(); }

  /// The same counts from scores of AMX, which round otherwise: those that lie too near to a target's are made again.
  template <class Count>
  void count_split(const Count& plainly, std::vector<ScoreCounts>& all) {
    user_lengths_ = users_.norm(2, {1}), item_lengths_ = items_.norm(2, {1});
    const auto memories = [this] { return SplitScoreMemory(width()); };
    std::vector<uint8_t> left(all.size());
    share_units(grid_.units(), memories, [&](SplitScoreMemory& memory, int64_t unit) {
      const auto u = static_cast<size_t>(unit);
      ScoreCounts counts(kTileColumns);
      left[u] = count_unit_split(memory, unit, counts) ? 0 : 1;
      if (left[u] == 0) all[u] = counts;
    });
    each_unit(grid_.units(), [&](TileMemory& memory, int64_t unit) {
      if (left[static_cast<size_t>(unit)] != 0) plainly(memory, unit);
    });
  }

  /// False where too many scores lie near to a target's.
  bool count_unit_split(SplitScoreMemory& memory, int64_t unit, ScoreCounts& counts) const {
    const Span users = grid_.block(unit), tiles = grid_.segments[grid_.segment(unit)];
    if (!split_->pack({user(users.begin), users.count(), width()}, memory.rows.data())) return false;
    std::fill(memory.low.begin(), memory.low.end(), std::numeric_limits<float>::infinity());  // beyond the users
    std::fill(memory.high.begin(), memory.high.end(), std::numeric_limits<float>::infinity());
    for (int64_t t = tiles.begin; t < tiles.end; ++t) {
      const Span items = grid_.tiles[t];
      set_bounds(memory, users, items);
      kernels::PairList near{memory.near.data(), static_cast<int64_t>(memory.near.size())};
      const kernels::SplitScores scores{.rows = memory.rows.data(),
                                        .row_count = kernels::whole_groups(users.count()),
                                        .columns = {item(items.begin), items.count(), width()},
                                        .skipped = skips_.marks.data() + items.begin,
                                        .low = memory.low.data(),
                                        .high = memory.high.data()};
      if (!split_->compare(scores, memory.items.data(), counts.at_least.data(), near)) return false;
      for (const auto& [row, column] : std::span(near.pairs, static_cast<size_t>(near.count)))
        count_exactly(users.begin + row, items.begin + column, static_cast<size_t>(row), counts);
    }
    return true;
  }

  void set_bounds(SplitScoreMemory& memory, Span users, Span items) const {
    const float* const lengths = item_lengths_.data_ptr<float>();
    const float* const of_users = user_lengths_.data_ptr<float>() + users.begin;
    const float* const scores = scores_.data() + users.begin;
    const float longest = *std::max_element(lengths + items.begin, lengths + items.end);
    const float share = 1.01f * kernels::split_score_error(width()) * longest;
    // Squares in a length below 2^-60 may be 0, and AMX takes numbers below 2^-126 for 0, also in parts of larger ones.
    constexpr float kTiny = 0x1p-60f;
    for (int64_t i = 0; i < users.count(); ++i) {
      float error = share * of_users[i] + kTiny * (1 + of_users[i] + longest);
      // Where sums of a tile may overflow, all scores lie near.
      if (!(of_users[i] * longest < 0x1p120f)) error = std::numeric_limits<float>::infinity();
      memory.low[static_cast<size_t>(i)] = scores[i] - error;
      memory.high[static_cast<size_t>(i)] = scores[i] + error;
    }
  }

  void count_exactly(int64_t of_user, int64_t row, size_t place, ScoreCounts& counts) const {
    const float score = kernel_.dot(user(of_user), item(row), width());
    counts.at_least[place] += score >= scores_[static_cast<size_t>(of_user)] ? 1 : 0;
    counts.unordered[place] += std::isnan(score) ? 1 : 0;
  }

  void count_unit(TileMemory& memory, int64_t unit, ScoreCounts& all) const {
    const Span users = grid_.block(unit), tiles = grid_.segments[grid_.segment(unit)];
    AlignedVector<float> panels(static_cast<size_t>(kernels::whole_panels(users.count()) * width()));
    kernel_.pack({user(users.begin), users.count(), width()}, panels.data());
    std::vector<float> scores(kTileColumns);
    std::copy(scores_.begin() + users.begin, scores_.begin() + users.end, scores.begin());
    for (int64_t t = tiles.begin; t < tiles.end; ++t) {
      const Span items = grid_.tiles[t];
      const LogitTile tile = memory.tile(items.count(), users.count());
      kernel_.multiply(item(items.begin), panels.data(), width(), tile);
      count_tile(tile, items, {scores.data(), all.at_least.data(), all.unordered.data()});
    }
  }

  void count_tile(const LogitTile& tile, Span items, const kernels::ColumnCounts& counts) const {
    auto skip = std::lower_bound(skips_.rows.begin(), skips_.rows.end(), items.begin);
    for (int64_t row = items.begin; row < items.end; row = *skip++ + 1)
      kernel_.count(tile, row - items.begin, std::min(*skip, items.end) - items.begin, counts);
  }

  ExcludedCounts excluded_counts() const {
    const auto users = static_cast<int64_t>(targets_.size());
    ExcludedCounts counts(users);
    if (!candidates_.excluded) return counts;
    const Cuts blocks(users, kTileColumns);
    const auto memories = [this] { return ExcludedItems(items_.size(0)); };
    share_units(blocks.count, memories, [&](ExcludedItems& memory, int64_t block) {
      for (int64_t i = blocks[block].begin; i < blocks[block].end; ++i) count_excluded(i, memory, counts);
    });
    return counts;
  }

  /// The items of a user that are no candidates, the target and the skipped rows excepted.
  void count_excluded(int64_t of_user, ExcludedItems& memory, ExcludedCounts& counts) const {
    const auto u = static_cast<size_t>(of_user);
    memory.rows.clear();
    for (const int32_t item : candidates_.excluded(of_user)) {
      int32_t& last_user = memory.last_user[static_cast<size_t>(item)];
      if (last_user == of_user || item == targets_[u] || skips_.contain(item)) continue;
      last_user = static_cast<int32_t>(of_user);
      memory.rows.push_back(item);
    }
    memory.scores.resize(memory.rows.size());
    kernel_.dots(user(of_user), item(0), memory.rows.data(), static_cast<int64_t>(memory.rows.size()), width(),
                 memory.scores.data());
    for (const float score : memory.scores) {
      counts.scores.at_least[u] += score >= scores_[u] ? 1 : 0;
      counts.scores.unordered[u] += std::isnan(score) ? 1 : 0;
    }
    counts.items[u] = static_cast<int32_t>(memory.rows.size());
  }

  BothRanks ranks(const std::vector<ScoreCounts>& all, const ExcludedCounts& excluded) const {
    ScoreCounts total(static_cast<int64_t>(targets_.size()));
    for (int64_t unit = 0; unit < grid_.units(); ++unit) total.add(all[static_cast<size_t>(unit)], grid_.block(unit));
    BothRanks result;
    for (size_t i = 0; i < targets_.size(); ++i) {
      // The target counts itself, or stands outside of the rows that were counted.
      const Rank kept = total.at_least[i] + (skips_.contain(targets_[i]) ? 1 : 0);
      const bool zero_counts = candidates_.excluded_score_zero && 0.0f >= scores_[i];
      const Rank left_out = kept - excluded.scores.at_least[i] + (zero_counts ? excluded.items[i] : 0);
      const bool sound = std::isfinite(scores_[i]);
      result.kept.push_back(sound && total.unordered[i] == 0 ? kept : kUnsound);
      result.left_out.push_back(sound && total.unordered[i] == excluded.scores.unordered[i] ? left_out : kUnsound);
    }
    return result;
  }

  const kernels::LogitKernel& kernel_ = kernels::logit_kernel();
  const kernels::SplitKernel* split_;
  at::Tensor users_, items_;                // [N, D], [V, D]
  at::Tensor user_lengths_, item_lengths_;  // [N], [V], where there is a split_
  std::span<const int32_t> targets_;
  const Candidates& candidates_;
  TileGrid grid_;
  std::vector<float> scores_;  // [N], the targets'
  Skips skips_;
};

}  // namespace

BothRanks catalogue_ranks(const at::Tensor& users, const at::Tensor& items, std::span<const int32_t> targets,
                          const Candidates& candidates) {
  return CatalogueRanking(users, items, targets, candidates).run();
}

}  // namespace latentcrs
