// How products of all items with many positions or users are cut into the tiles of numerics/linalg/kernels/logits.h,
// and shared out to threads. The cuts depend on the sizes alone.
#pragma once

#include <algorithm>
#include <cstdint>

#include "numerics/linalg/aligned_vector.h"
#include "numerics/linalg/kernels/logits.h"
#include "numerics/linalg/share_units.h"

namespace latentcrs {

struct Span {
  int64_t begin, end;
  int64_t count() const { return end - begin; }
};

/// [0, size) in parts of `step`, the last one of which may be shorter.
struct Cuts {
  Cuts(int64_t all, int64_t part) : size(all), step(std::max<int64_t>(part, 1)), count((all + step - 1) / step) {}
  Span operator[](int64_t i) const { return {i * step, std::min(size, (i + 1) * step)}; }
  int64_t size, step, count;
};

constexpr int64_t kTileItems = 126;    // a multiple of a product's rows; a panel of columns stays in the first cache
constexpr int64_t kTileColumns = 256;  // whole panels; with its factors and sums a tile stays in the second cache

/// Items and columns (positions or users) in tiles, and the units of work that threads take: a block of columns with a
/// segment of the tiles of items.
struct TileGrid {
  /// There are several segments where there are few columns, so that all threads have work.
  TileGrid(int64_t items, int64_t columns) : TileGrid(items, columns, kTileColumns, kMostSegments) {}
  /// One segment, and blocks of at most `block` <= kTileColumns columns.
  TileGrid(int64_t items, int64_t columns, int64_t block) : TileGrid(items, columns, block, 1) {}

  int64_t units() const { return blocks.count * segments.count; }
  int64_t segment(int64_t unit) const { return unit / blocks.count; }
  Span block(int64_t unit) const { return blocks[unit % blocks.count]; }

  Cuts tiles, blocks, segments;  ///< of items, of columns, of tiles

 private:
  static constexpr int64_t kUnits = 64, kMostSegments = 8;

  TileGrid(int64_t items, int64_t columns, int64_t block, int64_t most_segments)
      : tiles(items, kTileItems), blocks(columns, block), segments(tiles.count, tiles_of_segment(most_segments)) {}
  int64_t tiles_of_segment(int64_t most) const {
    const int64_t wanted = std::clamp(kUnits / std::max<int64_t>(blocks.count, 1), int64_t{1}, most);
    return (tiles.count + wanted - 1) / wanted;
  }
};

/// Memory of a thread: a tile, and a number for each of its columns.
struct TileMemory {
  TileMemory()
      : logits(static_cast<size_t>(tile(kTileItems, kTileColumns).line() * kTileItems)),
        totals(static_cast<size_t>(kTileColumns)) {}
  kernels::LogitTile tile(int64_t rows, int64_t columns) { return {logits.data(), rows, columns}; }

  AlignedVector<float> logits, totals;
};

/// share_units() with TileMemory.
template <class Work>
void each_unit(int64_t units, const Work& work) {
  share_units(
      units, [] { return TileMemory(); }, work);
}

}  // namespace latentcrs
