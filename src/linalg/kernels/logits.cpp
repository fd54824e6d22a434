#include "linalg/kernels/logits.h"

#include "linalg/kernels/gemm.h"

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

void multiply_tile(const float* items, const float* panels, int64_t width, const float* start, const LogitTile& tile) {
  const int64_t line = tile.line();
  for (int64_t j = 0; j < tile.columns; j += kPanel) {
    const RightFactor panel{panels + j * width, kPanel};
    const ProductTarget to{tile.data + j, line};
    if (start != nullptr)
      multiply<Start::bias>({tile.rows, kPanel, width}, as_stored(items, width), panel, to, start + j);
    else
      multiply<Start::zero>({tile.rows, kPanel, width}, as_stored(items, width), panel, to);
  }
}

float dot(const float* a, const float* b, int64_t width) {
  float sum = 0;
  for (int64_t k = 0; k < width; ++k) sum = fused(a[k], b[k], sum);
  return sum;
}

/// 2^x for x < 128, relative error below 3e-7; 0 below -126, NaN for NaN. x is n + r, n whole, |r| <= 1/2; the
/// polynomial is the one of degree 5 with the smallest relative error for 2^r.
inline Floats power_of_two(Floats x) {
  const Floats low = splat(-126.0f);
  const Ints in_range = ~(x < low);
  x = max(low, x);
  const Floats shifted = x + 12582912.0f;  // 1.5 * 2^23: n stands in the low bits
  const Floats r = x - (shifted - 12582912.0f);
  Floats p = fused(splat(0x1.5c08e6p-10f), r, 0x1.3d0c52p-7f);
  p = fused(p, r, 0x1.c6b6e4p-5f);
  p = fused(p, r, 0x1.ebf918p-3f);
  p = fused(p, r, 0x1.62e428p-1f);
  p = fused(p, r, 1.0f);
  return where(in_range, (Floats)(bits(p) + (bits(shifted) << 23)));
}

constexpr int kStrip = kPanel / kLanes < 4 ? kPanel / kLanes : 4;  // vectors of columns that a loop goes down at once

/// Calls work(column) for strips of kStrip vectors of columns.
template <class Work>
inline void for_each_strip(const LogitTile& tile, Work work) {
  for (int64_t j = 0; j < tile.columns; j += kStrip * kLanes) work(j);
}

void softmax(const LogitTile& tile, const ColumnSoftmax& softmax) {
  const int64_t line = tile.line();
  for_each_strip(tile, [&](int64_t j) {
    Floats top[kStrip], total[kStrip];
    for (int v = 0; v < kStrip; ++v) {
      top[v] = load(softmax.top + j + v * kLanes);
      total[v] = Floats{};
    }
    for (int64_t i = 0; i < tile.rows; ++i)
#pragma GCC unroll 4
      for (int v = 0; v < kStrip; ++v) top[v] = max(load(tile.data + i * line + j + v * kLanes), top[v]);
    for (int64_t i = 0; i < tile.rows; ++i)
#pragma GCC unroll 4
      for (int v = 0; v < kStrip; ++v) {
        float* const logit = tile.data + i * line + j + v * kLanes;
        const Floats p = power_of_two(load(logit) - top[v]);
        total[v] += p;
        store(logit, p);
      }
    for (int v = 0; v < kStrip; ++v) {
      const int64_t column = j + v * kLanes;
      store(softmax.scale + column, power_of_two(load(softmax.top + column) - top[v]));
      store(softmax.top + column, top[v]);
      store(softmax.total + column, total[v]);
    }
  });
}

void powers(const LogitTile& tile) {
  const int64_t line = tile.line(), columns = whole_panels(tile.columns);
  for (int64_t i = 0; i < tile.rows; ++i) {
    float* const row = tile.data + i * line;
    for (int64_t j = 0; j < columns; j += kLanes) store(row + j, power_of_two(load(row + j)));
  }
}

void add_to_columns(const LogitTile& tile, const Vectors& items, const float* scale, float* scratch, float* sums) {
  const int64_t width = items.width;
  multiply<Start::zero>({tile.columns, width, tile.rows}, as_transposed(tile.data, tile.line()), {items.data, width},
                        {scratch, width});
  for (int64_t j = 0; j < tile.columns; ++j)
    for (int64_t d = j * width; d < (j + 1) * width; d += kLanes)
      store(sums + d, fused(splat(scale[j]), load(sums + d), load(scratch + d)));
}

void add_to_rows(const LogitTile& tile, const Vectors& vectors, float* scratch, float* sums) {
  const int64_t width = vectors.width;
  multiply<Start::zero>({tile.rows, width, tile.columns}, as_stored(tile.data, tile.line()), {vectors.data, width},
                        {scratch, width});
  for (int64_t d = 0; d < tile.rows * width; d += kLanes) store(sums + d, load(sums + d) + load(scratch + d));
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
const LogitKernel kLogits = {pack, multiply_tile, dot, softmax, powers, add_to_columns, add_to_rows, count};

}  // namespace latentcrs::kernels::LATENTCRS_ISA
