#include "numerics/linalg/kernels/logits.h"

#include "numerics/linalg/kernels/gemm.h"
#include "numerics/linalg/kernels/powers_of_two.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

namespace {

/// The vectors of a panel: `first` and those after it.
void pack_panel(const Vectors& vectors, int64_t first, float* panel) {
  const int64_t width = vectors.width, rest = vectors.count - first, count = rest < kPanel ? rest : kPanel;
  const float* from = vectors.data + first * width;
  if (count < kPanel) std::memset(panel, 0, sizeof(float) * static_cast<size_t>(kPanel * width));
  int64_t j = 0;
  for (; j + 4 <= count; j += 4, from += 4 * width) {
    int64_t k = 0;
    for (; k + 4 <= width; k += 4)
      put_transposed(four(from + k), four(from + width + k), four(from + 2 * width + k), four(from + 3 * width + k),
                     panel + k * kPanel + j, kPanel);
    for (; k < width; ++k)
      for (int64_t i = 0; i < 4; ++i) panel[k * kPanel + j + i] = from[i * width + k];
  }
  for (; j < count; ++j, from += width)
    for (int64_t k = 0; k < width; ++k) panel[k * kPanel + j] = from[k];
}

void pack(const Vectors& vectors, float* panels) {
  for (int64_t first = 0; first < vectors.count; first += kPanel)
    pack_panel(vectors, first, panels + first * vectors.width);
}

void multiply_tile(const float* items, const float* panels, int64_t width, const LogitTile& tile) {
  for (int64_t j = 0; j < tile.columns; j += kPanel)
    multiply<Start::zero>({tile.rows, kPanel, width}, as_stored(items, width), {panels + j * width, kPanel},
                          {tile.data + j, tile.line()});
}

float dot(const float* a, const float* b, int64_t width) {
  float sum = 0;
  for (int64_t k = 0; k < width; ++k) sum = fused(a[k], b[k], sum);
  return sum;
}

void dots(const float* a, const float* items, const int32_t* rows, int64_t count, int64_t width, float* products) {
  constexpr int kSums = 8;  // that the processor works on at once, as none of them waits for another
  int64_t i = 0;
  for (; i + kSums <= count; i += kSums) {
    const float* b[kSums];
    float sums[kSums] = {};
    for (int s = 0; s < kSums; ++s) b[s] = items + rows[i + s] * width;
    for (int64_t k = 0; k < width; ++k)
#pragma GCC unroll 8
      for (int s = 0; s < kSums; ++s) sums[s] = fused(a[k], b[s][k], sums[s]);
    for (int s = 0; s < kSums; ++s) products[i + s] = sums[s];
  }
  for (; i < count; ++i) products[i] = dot(a, items + rows[i] * width, width);
}

/// Puts 2^(x - shift) where a product is x.
class PowersOfTwo {
 public:
  /// The shifts of a panel's columns.
  struct OfPanel {
    explicit OfPanel(const float* shift) {
      for (int64_t c = 0; c < kPanel; c += kLanes) {
        const Shifts shifts(load(shift + c));
        store(round + c, shifts.round);
        store(low + c, shifts.low);
        store(high + c, shifts.high);
      }
    }
    alignas(64) float round[kPanel];
    alignas(64) float low[kPanel], high[kPanel];
  };

  explicit PowersOfTwo(const OfPanel& shifts) : PowersOfTwo(shifts.round, shifts.low, shifts.high) {}

  void operator()(float* place, int64_t column, Floats x) const {
    store(place, power_of_two(x, Shifts(load(round_ + column), load(low_ + column), load(high_ + column))));
  }
  PowersOfTwo from(int64_t column) const { return {round_ + column, low_ + column, high_ + column}; }

 private:
  PowersOfTwo(const float* round, const float* low, const float* high) : round_(round), low_(low), high_(high) {}

  const float *round_, *low_, *high_;
};

void exponentials(const float* items, const float* panels, int64_t width, const float* shift, const LogitTile& tile) {
  for (int64_t j = 0; j < tile.columns; j += kPanel) {
    const PowersOfTwo::OfPanel shifts(shift + j);
    multiply<Start::zero>({tile.rows, kPanel, width}, as_stored(items, width), {panels + j * width, kPanel},
                          {tile.data + j, tile.line()}, nullptr, PowersOfTwo(shifts));
  }
}

constexpr int kStrip = kPanel / kLanes < 4 ? kPanel / kLanes : 4;  // vectors of columns that a loop goes down at once

/// Calls work(column) for strips of kStrip vectors of columns.
template <class Work>
inline void for_each_strip(const LogitTile& tile, Work work) {
  for (int64_t j = 0; j < tile.columns; j += kStrip * kLanes) work(j);
}

/// Each of the numbers `of_columns` becomes join(a number of its column, itself) for all numbers of the column.
template <class Join>
inline void join_rows(const LogitTile& tile, float* of_columns, Join join) {
  for_each_strip(tile, [&](int64_t j) {
    Floats joined[kStrip];
    for (int v = 0; v < kStrip; ++v) joined[v] = load(of_columns + j + v * kLanes);
    for (int64_t i = 0; i < tile.rows; ++i)
#pragma GCC unroll 4
      for (int v = 0; v < kStrip; ++v) joined[v] = join(load(tile.data + i * tile.line() + j + v * kLanes), joined[v]);
    for (int v = 0; v < kStrip; ++v) store(of_columns + j + v * kLanes, joined[v]);
  });
}

void add_up(const LogitTile& tile, float* totals) {
  join_rows(tile, totals, [](Floats a, Floats b) { return a + b; });
}

void raise(const LogitTile& tile, float* tops) {
  join_rows(tile, tops, [](Floats a, Floats b) { return max(a, b); });
}

void add_to_columns(const LogitTile& tile, const Vectors& items, float* sums) {
  const int64_t width = items.width;
  multiply<Start::zero>({tile.columns, width, tile.rows}, as_transposed(tile.data, tile.line()), {items.data, width},
                        {sums, width}, nullptr, Added());
}

void add_to_rows(const LogitTile& tile, const Vectors& vectors, float* sums) {
  constexpr int64_t kInner = 128;  // vectors that stay in the first cache
  const int64_t width = vectors.width;
  for (int64_t j = 0; j < tile.columns; j += kInner)
    multiply<Start::zero>({tile.rows, width, j + kInner < tile.columns ? kInner : tile.columns - j},
                          as_stored(tile.data + j, tile.line()), {vectors.data + j * width, width}, {sums, width},
                          nullptr, Added());
}

void count(const LogitTile& tile, int64_t first, int64_t last, const ColumnCounts& counts) {
  const int64_t line = tile.line();
  for_each_strip(tile, [&](int64_t j) {
    Floats score[kStrip];
    Ints at_least[kStrip] = {}, unordered[kStrip] = {};
    for (int v = 0; v < kStrip; ++v) score[v] = load(counts.score + j + v * kLanes);
    for (int64_t i = first; i < last; ++i)
#pragma GCC unroll 4
      for (int v = 0; v < kStrip; ++v) {
        const Floats x = load(tile.data + i * line + j + v * kLanes);
        at_least[v] -= (Ints)(x >= score[v]);
        unordered[v] -= (Ints)(x != x);
      }
    for (int v = 0; v < kStrip; ++v)
      for (int lane = 0; lane < kLanes; ++lane) {
        counts.at_least[j + v * kLanes + lane] += at_least[v][lane];
        counts.unordered[j + v * kLanes + lane] += unordered[v][lane];
      }
  });
}

}  // namespace

extern const LogitKernel kLogits;
const LogitKernel kLogits = {pack,  multiply_tile,  dot,         dots, exponentials, add_up,
                             raise, add_to_columns, add_to_rows, count};

}  // namespace latentcrs::kernels::LATENTCRS_ISA
