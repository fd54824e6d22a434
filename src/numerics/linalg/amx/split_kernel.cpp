#include "numerics/linalg/amx/split_kernel.h"

#include "numerics/linalg/amx/split_tiles.h"
#include "numerics/linalg/kernels/powers_of_two.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

namespace {

constexpr int kValueParts = 2;  // of exponentials and of what they are multiplied with
constexpr int64_t kSteps = kSplitColumns / kSplitGroup;

bool pack(const Vectors& vectors, uint16_t* parts) { return pack_tiles<false>(vectors, parts); }

/// Values [count, width] as tiles [groups of 32][width / 16][parts]: line i holds the pairs of rows i and 16 + i, or
/// word i of each line where they are transposed.
template <bool Transposed>
bool pack_values(const Vectors& values, uint16_t* to) {
  Ints bad = {};
  for (int64_t first = 0; first < whole_groups(values.count); first += kSplitGroup)
    for (int64_t d = 0; d < values.width; d += kLanes, to += kValueParts * kTile) {
      Ints lines[kValueParts][kLines];
      for (int64_t i = 0; i < kLines; ++i) {
        const int64_t row = first + i;
        const auto at = [&](int64_t r) {
          return r < values.count ? load(values.data + r * values.width + d) : Floats{};
        };
        const Floats a = at(row), b = at(row + kLines);
        bad |= unsound(a) | unsound(b);
        Ints parts[kValueParts];
        split<kValueParts>(a, b, parts);
        for (int p = 0; p < kValueParts; ++p) lines[p][i] = parts[p];
      }
      for (int p = 0; p < kValueParts; ++p) {
        if constexpr (Transposed) transpose(lines[p]);
        for (int i = 0; i < kLines; ++i) put(to + p * kTile + i * kSplitGroup, lines[p][i]);
      }
    }
  return !any(bad);
}

/// Logits [32, 32] of a group of rows and one of columns.
inline void multiply_group(TilePair rows, TilePair columns, int64_t width, float* logits) {
  clear_sums();
  add_products(rows, columns, width);
  store_sums(logits, kSplitGroup);
}

/// Two tiles of a factor, and how many tiles on those of the next 32 numbers of the sums are.
struct Factor {
  TilePair tiles;
  int64_t next;
};

/// sums [32, 32], lines `line` apart, += left [32, steps * 32] · right.
inline void add_group(Factor left, Factor right, int64_t steps, float* sums, int64_t line) {
  load_sums(sums, line);
  for (int64_t k = 0; k < steps; ++k) {
    load_left(left.tiles, k * left.next);
    load_right(right.tiles, k * right.next + 1);
    multiply_tiles();
    load_right(right.tiles, k * right.next);
    multiply_tiles();
    load_left(left.tiles, k * left.next + 1);
    multiply_tiles();
  }
  store_sums(sums, line);
}

/// What a group of rows computes with.
struct Scratch {
  alignas(64) float logits[kSplitGroup * kSplitGroup];
  alignas(64) float totals[kSplitGroup * kLanes];  ///< of rows, a sum in each lane
};

/// A column of logits whose exponentials are to be the least.
inline void hide_column(float* logits, int64_t column) {
  for (int64_t i = 0; i < kSplitGroup; ++i) logits[i * kSplitGroup + column] = -__builtin_inff();
}

/// The exponentials of a line of 32 logits.
struct Line {
  Floats a, b;
};

/// Puts the parts of two vectors to a line in a tile for each.
inline void put_parts(Floats a, Floats b, uint16_t* to) {
  Ints parts[kValueParts];
  split<kValueParts>(a, b, parts);
  for (int p = 0; p < kValueParts; ++p) put(to + p * kTile, parts[p]);
}

/// Where exponentials of 32 rows and 32 columns go.
struct ExponentialTiles {
  uint16_t* data;  ///< a tile for each part of 16 rows, a line for a row
  int64_t step;    ///< to those of the rows after them
  uint16_t* kept;  ///< null, or a tile for each part of 16 columns, then those of the others; a line for a pair of rows
};

/// Exponentials of 32 x 32 logits.
template <bool RowShifts>
inline void exponentials(Scratch& scratch, const float* shifts, const ExponentialTiles& to) {
  const Shifts of_columns[2] = {Shifts(load(shifts)), Shifts(load(shifts + kLanes))};
  const auto line = [&](int64_t i) {
    const float* const logits = scratch.logits + i * kSplitGroup;
    const Shifts of_row(splat(shifts[i]));
    const Line e = {power_of_two(load(logits), RowShifts ? of_row : of_columns[0]),
                    power_of_two(load(logits + kLanes), RowShifts ? of_row : of_columns[1])};
    if constexpr (RowShifts) store(scratch.totals + i * kLanes, load(scratch.totals + i * kLanes) + (e.a + e.b));
    return e;
  };
  for (int64_t i = 0; i < kLines; ++i) {
    const Line above = line(i), below = line(i + kLines);
    put_parts(above.a, above.b, to.data + i * kSplitGroup);
    put_parts(below.a, below.b, to.data + to.step + i * kSplitGroup);
    if (to.kept == nullptr) continue;
    put_parts(above.a, below.a, to.kept + i * kSplitGroup);
    put_parts(above.b, below.b, to.kept + kValueParts * kTile + i * kSplitGroup);
  }
}

/// The parts of a step's memory.
struct StepMemory {
  StepMemory(uint16_t* memory, int64_t width)
      : columns(memory),
        values(columns + kSplitParts * kSplitColumns * width),
        exponentials(values + kValueParts * kSplitColumns * width) {}
  uint16_t *columns, *values, *exponentials;
};

class StepOfRows {
 public:
  StepOfRows(const SplitStep& step, const StepMemory& memory)
      : step_(step),
        memory_(memory),
        width_(step.columns.width),
        steps_(whole_groups(step.columns.count) / kSplitGroup),
        hidden_(step.hidden) {}

  void add(double* totals, float* sums) {
    finish_stores();
    for (int64_t row = 0; row < step_.row_count; row += kSplitGroup) {
      if (totals != nullptr) std::memset(scratch_.totals, 0, sizeof scratch_.totals);
      for (int64_t c = 0; c < steps_; ++c) look_at(row, c);
      finish_stores();
      const Factor left{{memory_.exponentials, kSteps * kValueParts * kTile}, kValueParts};
      for (int64_t d = 0; step_.values != nullptr && d < width_; d += kSplitGroup)
        add_group(
            left,
            {{memory_.values + d / kLines * kValueParts * kTile, kValueParts * kTile}, width_ / kLines * kValueParts},
            steps_, sums + row * width_ + d, width_);
      if (totals != nullptr) add_totals(totals + row);
    }
  }

 private:
  void look_at(int64_t row, int64_t c) {
    const int64_t tiles = width_ / kSplitGroup * kSplitParts * kTile, column = c * kSplitGroup;
    multiply_group({step_.rows + row / kLines * tiles, tiles}, {memory_.columns + 2 * c * tiles, tiles}, width_,
                   scratch_.logits);
    hide(row, column);
    const ExponentialTiles to = {.data = memory_.exponentials + c * kValueParts * kTile,
                                 .step = kSteps * kValueParts * kTile,
                                 .kept = step_.kept != nullptr
                                             ? step_.kept + kKeptParts * (column * step_.row_count + row * kSplitGroup)
                                             : nullptr};
    if (step_.row_shifts != nullptr)
      exponentials<true>(scratch_, step_.row_shifts + row, to);
    else
      exponentials<false>(scratch_, step_.column_shifts + column, to);
  }

  void hide(int64_t row, int64_t column) {
    for (; hidden_ != step_.hidden_end && hidden_->row < row + kSplitGroup && hidden_->column < column + kSplitGroup;
         ++hidden_)
      scratch_.logits[(hidden_->row - row) * kSplitGroup + hidden_->column - column] = -__builtin_inff();
    for (int64_t rest = step_.columns.count - column; rest < kSplitGroup; ++rest) hide_column(scratch_.logits, rest);
  }

  void add_totals(double* totals) const {
    for (int64_t i = 0; i < kSplitGroup; ++i) totals[i] += static_cast<double>(sum(load(scratch_.totals + i * kLanes)));
  }

  const SplitStep& step_;
  const StepMemory& memory_;
  int64_t width_, steps_;
  const RowColumn* hidden_;
  Scratch scratch_ = {};
};

bool add_exponentials(const SplitStep& step, uint16_t* memory, double* totals, float* sums) {
  const StepMemory parts(memory, step.columns.width);
  const bool columns = pack_tiles<true>(step.columns, parts.columns);
  const bool values =
      step.values == nullptr || pack_values<false>({step.values, step.columns.count, step.columns.width}, parts.values);
  if (!columns || !values) return false;
  const Tiles tiles;
  StepOfRows(step, parts).add(totals, sums);
  return true;
}

static_assert(kValueParts == kKeptParts);

bool pack_kept_values(const Vectors& values, uint16_t* parts) { return pack_values<true>(values, parts); }

void add_kept(const SplitKept& kept, float* sums) {
  constexpr int64_t kGroup = 2 * kKeptParts * kTile;  // of exponentials of 32 rows and columns
  const int64_t steps = kept.row_count / kSplitGroup;
  finish_stores();
  const Tiles tiles;
  for (int64_t c = 0; c < kept.column_count; c += kSplitGroup) {
    const Factor right{{kept.exponentials + c / kSplitGroup * steps * kGroup, kValueParts * kTile}, 2 * kValueParts};
    for (int64_t d = 0; d < kept.width; d += kSplitGroup)
      add_group(
          {{kept.values + d / kLines * kValueParts * kTile, kValueParts * kTile}, kept.width / kLines * kValueParts},
          right, steps, sums + d * kept.column_count + c, kept.column_count);
  }
}

/// Bit c is set where the score of column c of a group is more than the bound, or less.
inline uint32_t more(Floats a, Floats b, Floats bound) {
  return _mm512_cmp_ps_mask((__m512)a, (__m512)bound, _CMP_GT_OQ) |
         static_cast<uint32_t>(_mm512_cmp_ps_mask((__m512)b, (__m512)bound, _CMP_GT_OQ)) << kLanes;
}
inline uint32_t less(Floats a, Floats b, Floats bound) {
  return _mm512_cmp_ps_mask((__m512)a, (__m512)bound, _CMP_LT_OQ) |
         static_cast<uint32_t>(_mm512_cmp_ps_mask((__m512)b, (__m512)bound, _CMP_LT_OQ)) << kLanes;
}

/// Columns of the group that count, a bit for each.
inline uint32_t counted(const SplitScores& scores, int64_t column) {
  uint32_t mask = 0;
  for (int64_t c = 0; c < kSplitGroup && column + c < scores.columns.count; ++c)
    if (scores.skipped[column + c] == 0) mask |= uint32_t{1} << c;
  return mask;
}

/// The scores [32, 32] of a group of rows and one of columns.
bool compare_group(const SplitScores& scores, const float* of_group, RowColumn first, uint32_t columns, int32_t* above,
                   PairList& near) {
  for (int32_t i = 0; i < kSplitGroup; ++i, of_group += kSplitGroup) {
    const Floats a = load(of_group), b = load(of_group + kLanes);
    const uint32_t over = more(a, b, splat(scores.high[first.row + i]));
    const uint32_t under = less(a, b, splat(scores.low[first.row + i]));
    above[first.row + i] += __builtin_popcount(over & columns);
    for (uint32_t open = ~(over | under) & columns; open != 0; open &= open - 1) {
      if (near.count == near.room) return false;
      near.pairs[near.count++] = {first.row + i, first.column + __builtin_ctz(open)};
    }
  }
  return true;
}

bool compare(const SplitScores& scores, uint16_t* memory, int32_t* above, PairList& near) {
  const int64_t width = scores.columns.width, tiles = width / kSplitGroup * kSplitParts * kTile;
  if (!pack_tiles<true>(scores.columns, memory)) return false;
  alignas(64) float of_group[kSplitGroup * kSplitGroup];
  finish_stores();
  const Tiles scope;
  for (int64_t column = 0; column < scores.columns.count; column += kSplitGroup) {
    const uint32_t columns = counted(scores, column);
    for (int64_t row = 0; row < scores.row_count; row += kSplitGroup) {
      multiply_group({scores.rows + row / kLines * tiles, tiles}, {memory + column / kLines * tiles, tiles}, width,
                     of_group);
      const RowColumn first{static_cast<int32_t>(row), static_cast<int32_t>(column)};
      if (!compare_group(scores, of_group, first, columns, above, near)) return false;
    }
  }
  return true;
}

}  // namespace

extern const SplitKernel kSplit;
const SplitKernel kSplit = {pack, add_exponentials, pack_kept_values, add_kept, compare};

}  // namespace latentcrs::kernels::LATENTCRS_ISA
