// The loops over tiles of logits, the products of some items' vectors with those of some positions or users, while a
// tile lies in a core's cache: the softmax over a catalogue and its gradients (recommender/train/fused_softmax.cpp),
// and the ranks in one (recommender/eval/catalogue_ranks.cpp).
#pragma once

#include <cstdint>

namespace latentcrs::kernels {

/// Columns in a panel of packed vectors.
constexpr int64_t kPanel = 64;
constexpr int64_t whole_panels(int64_t columns) { return (columns + kPanel - 1) / kPanel * kPanel; }

/// Shifts of exponentials are between plus and minus this: beyond it float32 does not hold a logit's fraction.
constexpr float kLargestShift = 1 << 22;

/// `count` vectors of `width` floats each, one after the other.
struct Vectors {
  const float* data = nullptr;
  int64_t count = 0, width = 0;
};

/// Logits [rows, line]: a row for an item, a column for a position. Columns from `columns` on hold anything.
struct LogitTile {
  float* data = nullptr;
  int64_t rows = 0, columns = 0;

  /// Floats from row to row: whole panels, and a step that spreads a column's logits over the sets of a cache.
  int64_t line() const { return whole_panels(columns) + 16; }
};

/// Counts of columns so far; arrays of whole_panels(columns).
struct ColumnCounts {
  const float* score = nullptr;  ///< that the logits are compared with
  int32_t* at_least = nullptr;   ///< logits of at least the score
  int32_t* unordered = nullptr;  ///< logits that are NaN
};

/// Products need a width that is a multiple of 16. Their sums have the order of the vectors or of a vector's numbers,
/// on every instruction set.
struct LogitKernel {
  /// Packs vectors to panels [whole_panels(count) / kPanel][width][kPanel], filled up with 0. Any width.
  void (*pack)(const Vectors& vectors, float* panels);
  /// tile = items [rows, width] times the packed vectors. Any width. Every logit is one float32 sum that begins with 0,
  /// with the bits of packed_product().
  void (*multiply)(const float* items, const float* panels, int64_t width, const LogitTile& tile);
  /// The product of two vectors, with the bits of multiply().
  float (*dot)(const float* a, const float* b, int64_t width);
  /// products [count] = the products of a vector with these rows of items [V, width], with the bits of multiply().
  void (*dots)(const float* a, const float* items, const int32_t* rows, int64_t count, int64_t width, float* products);
  /// tile = 2^(logit - shift), with a whole number of at most kLargestShift for each of the whole_panels(columns).
  /// Relative error below 3e-7; 2^-126 is the smallest power and 2^127 the largest one. NaN stays NaN.
  void (*exponentials)(const float* items, const float* panels, int64_t width, const float* shift,
                       const LogitTile& tile);
  /// totals [whole_panels(columns)] += the sum of each column.
  void (*add_up)(const LogitTile& tile, float* totals);
  /// tops [whole_panels(columns)] rise to the largest number of each column; NaN is left out.
  void (*raise)(const LogitTile& tile, float* tops);
  /// sums [columns, width] += tileᵀ · items [rows, width].
  void (*add_to_columns)(const LogitTile& tile, const Vectors& items, float* sums);
  /// sums [rows, width] += tile · vectors [columns, width].
  void (*add_to_rows)(const LogitTile& tile, const Vectors& vectors, float* sums);
  /// Counts the rows [first, last) of the tile.
  void (*count)(const LogitTile& tile, int64_t first, int64_t last, const ColumnCounts& counts);
};

/// The copy for this processor's instruction set (dispatch.h).
const LogitKernel& logit_kernel();

}  // namespace latentcrs::kernels
