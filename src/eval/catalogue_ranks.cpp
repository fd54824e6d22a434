#include "eval/catalogue_ranks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "eval/device_ranks.h"
#include "linalg/aligned_vector.h"
#include "linalg/logit_tiles.h"

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

/// What the excluded items of some users add to a rank.
struct ExcludedCounts {
  explicit ExcludedCounts(int64_t users) : scores(users), items(scores.at_least.size()) {}

  ScoreCounts scores;
  std::vector<int32_t> items;
};

/// Excluded items of a block of users: tile after tile, and user after user in a tile.
struct ExcludedItems {
  struct Entry {
    int32_t item, column;
  };
  std::vector<Entry> entries;
  std::vector<size_t> starts;  ///< of the tiles' entries
};

class CatalogueRanking {
 public:
  CatalogueRanking(const at::Tensor& users, const at::Tensor& items, std::span<const int32_t> targets,
                   const Candidates& candidates)
      : users_(users.contiguous()),
        items_(items.contiguous()),
        targets_(targets),
        candidates_(candidates),
        grid_(items.size(0), users.size(0)),
        scores_(targets.size()),
        skips_(items.size(0), candidates) {}

  BothRanks run() {
    for (size_t i = 0; i < scores_.size(); ++i)
      scores_[i] = kernel_.dot(user(static_cast<int64_t>(i)), item(targets_[i]), width());
    std::vector<ScoreCounts> all(static_cast<size_t>(grid_.units()), ScoreCounts(kTileColumns));
    std::vector<ExcludedCounts> excluded(candidates_.excluded ? all.size() : 0, ExcludedCounts(kTileColumns));
    each_unit(grid_.units(), [&](TileMemory& memory, int64_t unit) {
      const auto u = static_cast<size_t>(unit);
      count_unit(memory, unit, all[u], candidates_.excluded ? &excluded[u] : nullptr);
    });
    return ranks(all, excluded);
  }

 private:
  /// Rows that are never ranked, ascending.
  struct Skips {
    Skips(int64_t items, const Candidates& candidates) {
      if (!candidates.excluded_score_zero) rows = candidates.non_items;
      rows.push_back(items);  // the end
      std::sort(rows.begin(), rows.end());
    }
    bool contain(int64_t row) const { return std::binary_search(rows.begin(), rows.end(), row); }
    std::vector<int64_t> rows;
  };

  int64_t width() const { return users_.size(1); }
  const float* user(int64_t i) const { return users_.data_ptr<float>() + i * width(); }
  const float* item(int64_t row) const { return items_.data_ptr<float>() + row * width(); }

  void count_unit(TileMemory& memory, int64_t unit, ScoreCounts& all, ExcludedCounts* excluded) const {
    const Span users = grid_.block(unit), tiles = grid_.segments[grid_.segment(unit)];
    AlignedVector<float> panels(static_cast<size_t>(kernels::whole_panels(users.count()) * width()));
    kernel_.pack({user(users.begin), users.count(), width()}, panels.data());
    std::vector<float> scores(kTileColumns);
    std::copy(scores_.begin() + users.begin, scores_.begin() + users.end, scores.begin());
    const ExcludedItems left_out = excluded != nullptr ? excluded_items(users, tiles) : ExcludedItems{};
    for (int64_t t = tiles.begin; t < tiles.end; ++t) {
      const Span items = grid_.tiles[t];
      const LogitTile tile = memory.tile(items.count(), users.count());
      kernel_.multiply(item(items.begin), panels.data(), width(), tile);
      count_tile(tile, items, {scores.data(), all.at_least.data(), all.unordered.data()});
      if (excluded == nullptr) continue;
      const auto at = static_cast<size_t>(t - tiles.begin);
      count_excluded(
          std::span(left_out.entries).subspan(left_out.starts[at], left_out.starts[at + 1] - left_out.starts[at]), tile,
          items.begin, scores, *excluded);
    }
  }

  void count_tile(const LogitTile& tile, Span items, const kernels::ColumnCounts& counts) const {
    auto skip = std::lower_bound(skips_.rows.begin(), skips_.rows.end(), items.begin);
    for (int64_t row = items.begin; row < items.end; row = *skip++ + 1)
      kernel_.count(tile, row - items.begin, std::min(*skip, items.end) - items.begin, counts);
  }

  /// The items of each user that are no candidates, the target and the skipped rows excepted.
  ExcludedItems excluded_items(Span users, Span tiles) const {
    ExcludedItems out;
    out.starts.resize(static_cast<size_t>(tiles.count()) + 1);
    const auto each = [&](const auto& work) {
      for (int64_t i = users.begin; i < users.end; ++i)
        for (const int32_t item : candidates_.excluded(i)) {
          const int64_t t = item / kTileItems - tiles.begin;
          if (t < 0 || t >= tiles.count() || item == targets_[static_cast<size_t>(i)] || skips_.contain(item)) continue;
          work(static_cast<size_t>(t), ExcludedItems::Entry{item, static_cast<int32_t>(i - users.begin)});
        }
    };
    each([&](size_t t, const ExcludedItems::Entry&) { ++out.starts[t]; });
    size_t end = 0;
    for (size_t& start : out.starts) start = end += start;
    out.entries.resize(end);
    each([&](size_t t, const ExcludedItems::Entry& entry) { out.entries[--out.starts[t]] = entry; });
    return out;
  }

  /// Counts the entries of a tile. One that repeats another one, which has the same user and so stands near, is left
  /// out.
  static void count_excluded(std::span<const ExcludedItems::Entry> entries, const LogitTile& tile, int64_t first,
                             const std::vector<float>& scores, ExcludedCounts& counts) {
    for (size_t e = 0; e < entries.size(); ++e) {
      const auto [item, user] = entries[e];
      bool known = false;
      for (size_t i = e; !known && i-- > 0 && entries[i].column == user;) known = entries[i].item == item;
      if (known) continue;
      const auto column = static_cast<size_t>(user);
      const float score = tile.data[(item - first) * tile.line() + user];
      counts.scores.at_least[column] += score >= scores[column] ? 1 : 0;
      counts.scores.unordered[column] += std::isnan(score) ? 1 : 0;
      ++counts.items[column];
    }
  }

  BothRanks ranks(const std::vector<ScoreCounts>& all, const std::vector<ExcludedCounts>& excluded) const {
    const auto users = static_cast<int64_t>(targets_.size());
    ScoreCounts total(users), of_excluded(users);
    std::vector<int32_t> items(targets_.size());
    for (int64_t unit = 0; unit < grid_.units(); ++unit) {
      const Span block = grid_.block(unit);
      total.add(all[static_cast<size_t>(unit)], block);
      if (excluded.empty()) continue;
      const ExcludedCounts& counts = excluded[static_cast<size_t>(unit)];
      of_excluded.add(counts.scores, block);
      for (int64_t i = block.begin; i < block.end; ++i)
        items[static_cast<size_t>(i)] += counts.items[static_cast<size_t>(i - block.begin)];
    }
    BothRanks result;
    for (size_t i = 0; i < targets_.size(); ++i) {
      // The target counts itself, or stands outside of the rows that were counted.
      const Rank kept = total.at_least[i] + (skips_.contain(targets_[i]) ? 1 : 0);
      const bool zero_counts = candidates_.excluded_score_zero && 0.0f >= scores_[i];
      const Rank left_out = kept - of_excluded.at_least[i] + (zero_counts ? items[i] : 0);
      const bool sound = std::isfinite(scores_[i]);
      result.kept.push_back(sound && total.unordered[i] == 0 ? kept : kUnsound);
      result.left_out.push_back(sound && total.unordered[i] == of_excluded.unordered[i] ? left_out : kUnsound);
    }
    return result;
  }

  const kernels::LogitKernel& kernel_ = kernels::logit_kernel();
  at::Tensor users_, items_;  // [N, D], [V, D]
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
