// Products of float32 vectors on processors with AMX, whose tiles multiply bfloat16 and add up in float32. A number is
// split into the bfloat16 nearest to it and that of what is left, once or twice; the products of the parts are
// added up in an order in which every two neighbours share a factor. Three parts hold all bits of a float32 and six of
// their products its accuracy; two parts and three products are right to 2^-16.
#pragma once

#include <cstdint>

#include "numerics/linalg/kernels/logits.h"

namespace latentcrs::kernels {

constexpr int64_t kSplitGroup = 32;     ///< rows, columns and widths come in whole groups
constexpr int64_t kSplitColumns = 128;  ///< columns of a step at most, so that its memory stays in the first two caches
constexpr int64_t kKeptParts = 2;       ///< of a kept exponential
constexpr int64_t whole_groups(int64_t count) { return (count + kSplitGroup - 1) / kSplitGroup * kSplitGroup; }

struct RowColumn {
  int32_t row, column;
};

/// All rows of a block with a few columns.
struct SplitStep {
  const uint16_t* rows = nullptr;     ///< packed
  int64_t row_count = 0;              ///< in whole groups
  Vectors columns;                    ///< at most kSplitColumns, of a width in whole groups
  const float* values = nullptr;      ///< [columns.count, width], what exponentials are multiplied with; null: nothing
  const float* row_shifts = nullptr;  ///< [row_count], whole numbers; null where columns have the shifts
  const float* column_shifts = nullptr;  ///< [whole_groups(columns.count)]
  const RowColumn* hidden =
      nullptr;  ///< their exponentials are the least, 2^-126; by groups of rows, and of columns in those
  const RowColumn* hidden_end = nullptr;
  uint16_t* kept =
      nullptr;  ///< [whole_groups(columns.count), row_count, kKeptParts], for SplitKept; null: none is kept
};

/// The exponentials of a block of rows with all columns.
struct SplitKept {
  const uint16_t* exponentials = nullptr;   ///< those that steps have kept, one after the other
  int64_t row_count = 0, column_count = 0;  ///< in whole groups
  const uint16_t* values = nullptr;         ///< packed by pack_kept_values()
  int64_t width = 0;                        ///< of the values, in whole groups
};

/// Scores of all rows of a block with a few columns, and two bounds for those of each row.
struct SplitScores {
  const uint16_t* rows = nullptr;    ///< packed
  int64_t row_count = 0;             ///< in whole groups
  Vectors columns;                   ///< at most kSplitColumns, of a width in whole groups
  const uint8_t* skipped = nullptr;  ///< [columns.count], not 0 for columns whose scores do not count
  const float* low = nullptr;        ///< [row_count]
  const float* high = nullptr;       ///< [row_count]
};

/// Pairs of a row and a column, at most `room`.
struct PairList {
  RowColumn* pairs = nullptr;
  int64_t room = 0, count = 0;
};

struct SplitKernel {
  /// Packs vectors of a width in whole groups to three parts: 3 * whole_groups(count) * width numbers. False where a
  /// number is infinite, NaN, or so large that bfloat16 cannot hold it.
  bool (*pack)(const Vectors& vectors, uint16_t* parts);
  /// e = 2^(row · column - shift), with the range and error of LogitKernel::exponentials(). totals [row_count] += the
  /// sums of e, unless `totals` is null, which it must be for shifts of columns; sums [row_count, width] += e · values,
  /// to 2^-16, if there are values. False as for pack(), in columns or values; the sums mean nothing then. `memory` is
  /// that of split_memory(width), and begins at a cache line like `rows` and `sums`.
  bool (*add_exponentials)(const SplitStep& step, uint16_t* memory, double* totals, float* sums);
  /// Packs values [count, width] of rows for SplitKept: kKeptParts * whole_groups(count) * width numbers. False as for
  /// pack().
  bool (*pack_kept_values)(const Vectors& values, uint16_t* parts);
  /// sums [width, column_count] += the transpose of eᵀ · values, to 2^-16.
  void (*add_kept)(const SplitKept& kept, float* sums);
  /// above [row_count] += the number of scores above `high`. Scores that are neither above `high` nor below `low`, NaN
  /// among them, are appended to `near`. False where those have no room, and as for pack(). A score of D numbers is
  /// right to split_score_error(D) times the lengths of its vectors.
  bool (*compare)(const SplitScores& scores, uint16_t* memory, int32_t* above, PairList& near);
};

/// The error of a float32 sum of six products for each of `width` numbers, at most, and of the plain sum beside it.
constexpr float split_score_error(int64_t width) { return static_cast<float>(8 * width + 64) * 0x1p-24f; }

/// Numbers of the memory of a step or of scores.
constexpr int64_t split_memory(int64_t width) { return kSplitColumns * (5 * width + 2 * kSplitGroup); }

/// Nothing where this build, processor or system has no AMX (amx_runs()).
const SplitKernel* runnable_split_kernel();
/// The same where amx_in_use().
const SplitKernel* split_kernel();

}  // namespace latentcrs::kernels
