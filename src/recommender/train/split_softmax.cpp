#include "recommender/train/split_softmax.h"

#include <algorithm>
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

  AlignedVector<uint16_t> rows, step;
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
                           std::vector<HiddenTarget> hidden)
    : kernel_(kernel),
      states_(states),
      items_(items),
      hidden_(std::move(hidden)),
      blocks_(states.count, most_rows(states.width)),
      tiles_(items.count, kSplitColumns),
      segments_(tiles_.count, tiles_of_segment(blocks_.count, tiles_.count)) {}

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
      .hidden_end = hidden_end};
  double* const totals = look.row_shifts != nullptr ? memory.totals.data() : nullptr;
  if (!kernel_.add_exponentials(step, memory.step.data(), totals, memory.sums.data())) memory.sound = false;
}

void SplitSoftmax::look_at_items(const float* shifts, double* totals, float* products) const {
  std::vector<Cell> hidden;
  for (const HiddenTarget& target : hidden_) hidden.emplace_back(target.position, target.item);
  const Look look{.columns = items_,
                  .values = products != nullptr ? items_.data : nullptr,
                  .tiles = tiles_,
                  .row_shifts = shifts,
                  .column_shifts = nullptr,
                  .hidden = HiddenCells(hidden, blocks_, tiles_)};
  const auto memories = [this] { return Memory(std::min(blocks_.step, blocks_.size), states_.width); };
  share_units(blocks_.count * segments_.count, memories, [&](Memory& memory, int64_t unit) {
    const int64_t block = unit % blocks_.count, segment = unit / blocks_.count;
    const Span positions = blocks_[block];
    take_rows(memory, part(states_, positions));
    for (int64_t t = segments_[segment].begin; t < segments_[segment].end; ++t) take_columns(memory, look, block, t);
    const int64_t first = segment * states_.count + positions.begin;
    constexpr double kUnsound = std::numeric_limits<double>::quiet_NaN();
    for (int64_t j = 0; j < positions.count(); ++j)
      totals[first + j] = memory.sound ? memory.totals[static_cast<size_t>(j)] : kUnsound;
    if (products != nullptr)
      std::copy_n(memory.sums.begin(), positions.count() * states_.width, products + first * states_.width);
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
