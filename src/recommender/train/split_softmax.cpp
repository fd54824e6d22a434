#include "recommender/train/split_softmax.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "numerics/linalg/aligned_vector.h"

namespace latentcrs {

namespace {

using kernels::kSplitColumns;
using kernels::kSplitGroup;
using kernels::RowColumn;
using kernels::Vectors;

constexpr int64_t kMostNumbers =
    1 << 16;  // of a block's rows: packed, and with their sums, they stay in the second cache
constexpr int64_t kMostRows = 1024;
constexpr int64_t kFewestRows = 256;  // so that packing the columns again for each block costs little
constexpr int64_t kUnitsWanted = 64, kMostSegments = 8;
constexpr int64_t kKeptNumbers = 1 << 21;  // exponentials of a block, 8 MB
constexpr int64_t kMostKeptRows = 512, kFewestKeptRows = 128;
constexpr int64_t kKeptGroups = 8;  // of blocks of positions, each of which sums up a gradient of the items

int64_t tiles_of_segment(int64_t blocks, int64_t tiles) {
  const int64_t wanted = std::clamp(kUnitsWanted / std::max<int64_t>(blocks, 1), int64_t{1}, kMostSegments);
  return (tiles + wanted - 1) / wanted;
}
int64_t most_rows(int64_t width) {
  return std::clamp(kMostNumbers / width / kSplitGroup * kSplitGroup, kFewestRows, kMostRows);
}
int64_t rows_of_block(const Vectors& items) {
  return std::clamp(kernels::whole_groups(items.count / kUnitsWanted), kFewestRows, most_rows(items.width));
}
/// The groups have about the same number of positions each.
int64_t kept_rows(int64_t positions, int64_t items) {
  const auto parts = [](int64_t count, int64_t part) { return std::max<int64_t>((count + part - 1) / part, 1); };
  const int64_t most = std::clamp(kKeptNumbers / std::max<int64_t>(items, 1) / kSplitGroup * kSplitGroup,
                                  kFewestKeptRows, kMostKeptRows);
  const int64_t blocks_of_group = parts(positions, kKeptGroups * most);
  return std::clamp(kernels::whole_groups(parts(positions, kKeptGroups * blocks_of_group)), kFewestKeptRows, most);
}

Vectors part(const Vectors& all, Span span) { return {all.data + span.begin * all.width, span.count(), all.width}; }

/// A row and a column.
using Cell = std::pair<int64_t, int64_t>;

/// Hidden pairs of blocks of rows and tiles of columns, each in the order that a step needs.
class HiddenCells {
 public:
  HiddenCells(const std::vector<Cell>& hidden, const Cuts& blocks, const Cuts& tiles)
      : tiles_(tiles.count), starts_(static_cast<size_t>(blocks.count * tiles.count) + 1) {
    std::vector<std::pair<int64_t, RowColumn>> places;
    places.reserve(hidden.size());
    for (const auto& [row, column] : hidden) {
      const int64_t cell = row / blocks.step * tiles_ + column / tiles.step;
      const RowColumn pair{static_cast<int32_t>(row % blocks.step), static_cast<int32_t>(column % tiles.step)};
      places.emplace_back((cell * kMostRows + pair.row) / kSplitGroup * kSplitColumns + pair.column, pair);
      ++starts_[static_cast<size_t>(cell) + 1];
    }
    std::sort(places.begin(), places.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& place : places) pairs_.push_back(place.second);
    for (size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
  }

  std::pair<const RowColumn*, const RowColumn*> of(int64_t block, int64_t tile) const {
    const auto cell = static_cast<size_t>(block * tiles_ + tile);
    return {pairs_.data() + starts_[cell], pairs_.data() + starts_[cell + 1]};
  }

 private:
  int64_t tiles_;
  std::vector<size_t> starts_;  // of the cells' pairs
  std::vector<RowColumn> pairs_;
};

}  // namespace

/// Of a thread.
struct SplitSoftmax::Memory {
  Memory(int64_t block, int64_t width)
      : rows(static_cast<size_t>(3 * kernels::whole_groups(block) * width)),
        step(static_cast<size_t>(kernels::split_memory(width))),
        sums(static_cast<size_t>(kernels::whole_groups(block) * width)),
        totals(static_cast<size_t>(kernels::whole_groups(block))) {}

  /// Of a block with so many columns.
  void keep(int64_t block, int64_t columns, int64_t width) {
    const int64_t row_numbers = kernels::kKeptParts * kernels::whole_groups(block);
    kept.resize(static_cast<size_t>(row_numbers * kernels::whole_groups(columns)));
    values.resize(static_cast<size_t>(row_numbers * width));
  }

  AlignedVector<uint16_t> rows, step;
  AlignedVector<uint16_t> kept, values;  ///< empty where nothing is kept
  AlignedVector<float> sums;
  std::vector<double> totals;
  int64_t row_count = 0;
  bool sound = true;  ///< whether all numbers could be split
};

/// What the columns are, and what is summed up over them.
struct SplitSoftmax::Look {
  Vectors columns;
  const float* values;  ///< null: nothing is multiplied with exponentials
  Cuts tiles;           ///< of columns
  const float *row_shifts, *column_shifts;
  HiddenCells hidden;
};

SplitSoftmax::SplitSoftmax(const kernels::SplitKernel& kernel, const Vectors& states, const Vectors& items,
                           std::vector<HiddenTarget> hidden, Looks looks)
    : kernel_(kernel),
      states_(states),
      items_(items),
      hidden_(std::move(hidden)),
      blocks_(states.count, looks == Looks::one ? kept_rows(states.count, items.count) : most_rows(states.width)),
      tiles_(items.count, kSplitColumns),
      segments_(tiles_.count, looks == Looks::one ? tiles_.count : tiles_of_segment(blocks_.count, tiles_.count)) {}

void SplitSoftmax::take_rows(Memory& memory, const Vectors& rows) const {
  memory.row_count = kernels::whole_groups(rows.count);
  memory.sound = kernel_.pack(rows, memory.rows.data());
  std::fill(memory.sums.begin(), memory.sums.end(), 0.0f);
  std::fill(memory.totals.begin(), memory.totals.end(), 0.0);
}

void SplitSoftmax::take_columns(Memory& memory, const Look& look, int64_t block, int64_t tile) const {
  const Span columns = look.tiles[tile];
  const auto [hidden, hidden_end] = look.hidden.of(block, tile);
  const kernels::SplitStep step = {
      .rows = memory.rows.data(),
      .row_count = memory.row_count,
      .columns = part(look.columns, columns),
      .values = look.values != nullptr ? look.values + columns.begin * look.columns.width : nullptr,
      .row_shifts = look.row_shifts != nullptr ? look.row_shifts + block * blocks_.step : nullptr,
      .column_shifts = look.column_shifts != nullptr ? look.column_shifts + columns.begin : nullptr,
      .hidden = hidden,
      .hidden_end = hidden_end,
      .kept =
          memory.kept.empty() ? nullptr : memory.kept.data() + kernels::kKeptParts * columns.begin * memory.row_count};
  double* const totals = look.row_shifts != nullptr ? memory.totals.data() : nullptr;
  if (!kernel_.add_exponentials(step, memory.step.data(), totals, memory.sums.data())) memory.sound = false;
}

SplitSoftmax::Look SplitSoftmax::look_for_items(const float* shifts, bool products) const {
  std::vector<Cell> hidden;
  for (const HiddenTarget& target : hidden_) hidden.emplace_back(target.position, target.item);
  return {.columns = items_,
          .values = products ? items_.data : nullptr,
          .tiles = tiles_,
          .row_shifts = shifts,
          .column_shifts = nullptr,
          .hidden = HiddenCells(hidden, blocks_, tiles_)};
}

void SplitSoftmax::give_totals(const Memory& memory, Span positions, double* totals, float* products) const {
  if (memory.sound)
    std::copy_n(memory.totals.begin(), positions.count(), totals);
  else
    std::fill_n(totals, positions.count(), std::numeric_limits<double>::quiet_NaN());
  if (products != nullptr) std::copy_n(memory.sums.begin(), positions.count() * states_.width, products);
}

void SplitSoftmax::look_at_items(const float* shifts, double* totals, float* products) const {
  const Look look = look_for_items(shifts, products != nullptr);
  const auto memories = [this] { return Memory(std::min(blocks_.step, blocks_.size), states_.width); };
  share_units(blocks_.count * segments_.count, memories, [&](Memory& memory, int64_t unit) {
    const int64_t block = unit % blocks_.count, segment = unit / blocks_.count;
    const Span positions = blocks_[block];
    take_rows(memory, part(states_, positions));
    for (int64_t t = segments_[segment].begin; t < segments_[segment].end; ++t) take_columns(memory, look, block, t);
    const int64_t first = segment * states_.count + positions.begin;
    give_totals(memory, positions, totals + first, products != nullptr ? products + first * states_.width : nullptr);
  });
}

void SplitSoftmax::look_once(const float* shifts, double* totals, float* products, const float* shares, float* gradient,
                             const std::function<void(Span)>& make_shares) const {
  const Look look = look_for_items(shifts, products != nullptr);
  const Cuts groups(blocks_.count, (blocks_.count + kKeptGroups - 1) / kKeptGroups);
  const int64_t size = states_.width * kernels::whole_groups(items_.count),
                block_size = std::min(blocks_.step, blocks_.size);
  AlignedVector<float> of_groups(static_cast<size_t>(groups.count * size));
  const auto memories = [&] {
    Memory memory(block_size, states_.width);
    memory.keep(block_size, items_.count, states_.width);
    return memory;
  };
  share_units(groups.count, memories, [&](Memory& memory, int64_t group) {
    for (int64_t b = groups[group].begin; b < groups[group].end; ++b) {
      const Span positions = blocks_[b];
      take_rows(memory, part(states_, positions));
      for (int64_t t = 0; t < tiles_.count; ++t) take_columns(memory, look, b, t);
      give_totals(memory, positions, totals + positions.begin,
                  products != nullptr ? products + positions.begin * states_.width : nullptr);
      make_shares(positions);
      add_kept(memory, positions, shares, of_groups.data() + group * size);
    }
  });
  join_groups(of_groups.data(), groups.count, gradient);
}

void SplitSoftmax::add_kept(Memory& memory, Span positions, const float* shares, float* sums) const {
  const kernels::SplitKept kept = {.exponentials = memory.kept.data(),
                                   .row_count = memory.row_count,
                                   .column_count = kernels::whole_groups(items_.count),
                                   .values = memory.values.data(),
                                   .width = states_.width};
  const Vectors of_block = part({shares, states_.count, states_.width}, positions);
  if (memory.sound && kernel_.pack_kept_values(of_block, memory.values.data()))
    kernel_.add_kept(kept, sums);
  else
    std::fill_n(sums, kept.width * kept.column_count, std::numeric_limits<float>::quiet_NaN());
}

/// of_groups [groups, D, whole_groups(C)].
void SplitSoftmax::join_groups(const float* of_groups, int64_t groups, float* gradient) const {
  const int64_t width = states_.width, line = kernels::whole_groups(items_.count);
  at::parallel_for(0, tiles_.count, 1, [&](int64_t first, int64_t last) {
    for (int64_t t = first; t < last; ++t)
      for (int64_t d = 0; d < width; ++d) {
        std::array<float, kSplitColumns> sums{};
        const int64_t begin = tiles_[t].begin, count = tiles_[t].count();
        for (int64_t g = 0; g < groups; ++g)
          for (int64_t c = 0; c < count; ++c)
            sums[static_cast<size_t>(c)] += of_groups[(g * width + d) * line + begin + c];
        for (int64_t c = 0; c < count; ++c) gradient[(begin + c) * width + d] = sums[static_cast<size_t>(c)];
      }
  });
}

void SplitSoftmax::look_at_positions(const float* shifts, const float* shares, float* gradient) const {
  const Cuts blocks(items_.count, rows_of_block(items_)), tiles(states_.count, kSplitColumns);
  std::vector<Cell> hidden;
  for (const HiddenTarget& target : hidden_) hidden.emplace_back(target.item, target.position);
  const Look look{.columns = states_,
                  .values = shares,
                  .tiles = tiles,
                  .row_shifts = nullptr,
                  .column_shifts = shifts,
                  .hidden = HiddenCells(hidden, blocks, tiles)};
  const auto memories = [&] { return Memory(std::min(blocks.step, blocks.size), items_.width); };
  share_units(blocks.count, memories, [&](Memory& memory, int64_t block) {
    const Span items = blocks[block];
    take_rows(memory, part(items_, items));
    for (int64_t t = 0; t < tiles.count; ++t) take_columns(memory, look, block, t);
    if (!memory.sound) std::fill(memory.sums.begin(), memory.sums.end(), std::numeric_limits<float>::quiet_NaN());
    std::copy_n(memory.sums.begin(), items.count() * items_.width, gradient + items.begin * items_.width);
  });
}

}  // namespace latentcrs
