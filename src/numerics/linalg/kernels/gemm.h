// Small matrix products for blocks that lie in a core's cache: no packing, no threads.
#pragma once

#include "numerics/linalg/kernels/simd.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

/// The first factor, whose element (i, k) is data[i * row_step + k * column_step].
struct LeftFactor {
  const float* data;
  int64_t row_step, column_step;
};
/// A row-major matrix of `width` columns, as it is stored or transposed.
inline LeftFactor as_stored(const float* data, int64_t width) { return {data, width, 1}; }
inline LeftFactor as_transposed(const float* data, int64_t width) { return {data, 1, width}; }
/// The second factor: a row-major matrix with `width` floats from row to row.
struct RightFactor {
  const float* data;
  int64_t width;
};
/// The matrix that receives the product, stored like a RightFactor.
struct ProductTarget {
  float* data;
  int64_t width;
};

/// The start of a product's sums: zero, the numbers in the target, or a bias for each column.
enum class Start { zero, target, bias };

// The end of a product's sums: a function that puts a vector of sums to its place, in the column `column`. from(column)
// is the same function for a product that begins at that column.

/// The sums are the result.
struct Stored {
  void operator()(float* place, int64_t, Floats sums) const { store(place, sums); }
  Stored from(int64_t) const { return {}; }
};
/// The sums are added to the target.
struct Added {
  void operator()(float* place, int64_t, Floats sums) const { store(place, load(place) + sums); }
  Added from(int64_t) const { return {}; }
};

/// A tile of Rows x (Vectors * kLanes) of the result, kept in registers.
template <int Rows, int Vectors, Start start, class End>
inline void tile(int64_t inner, LeftFactor a, RightFactor b, ProductTarget c, const float* bias, End end) {
  Floats sums[Rows][Vectors];
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      if constexpr (start == Start::zero) sums[i][v] = Floats{};
      if constexpr (start == Start::target) sums[i][v] = load(c.data + i * c.width + v * kLanes);
      if constexpr (start == Start::bias) sums[i][v] = load(bias + v * kLanes);
    }
  for (int64_t k = 0; k < inner; ++k) {
    Floats right[Vectors];
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) right[v] = load(b.data + k * b.width + v * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
      const Floats left = splat(a.data[i * a.row_step + k * a.column_step]);
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) sums[i][v] = fused(left, right[v], sums[i][v]);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) end(c.data + i * c.width + v * kLanes, v * kLanes, sums[i][v]);
}

/// Rows of a tile with so many vectors in each: its sums fill the registers, except for those that hold a row of the
/// right factor and a number of the left one.
#if defined(__AVX512F__)
template <int Vectors>
constexpr int kTileRows = Vectors == 4 ? 6 : 8;
constexpr int kWidest = 4;
#else
template <int Vectors>
constexpr int kTileRows = 4;
constexpr int kWidest = 2;
#endif

/// The last rows of a panel, fewer than those of a tile.
template <int Rows, int Vectors, Start start, class End>
inline void last_rows(int64_t rows, int64_t inner, LeftFactor a, RightFactor b, ProductTarget c, const float* bias,
                      End end) {
  if constexpr (Rows > 0) {
    if (rows == Rows)
      tile<Rows, Vectors, start>(inner, a, b, c, bias, end);
    else
      last_rows<Rows - 1, Vectors, start>(rows, inner, a, b, c, bias, end);
  }
}

template <int Vectors, Start start, class End>
inline void panel(int64_t rows, int64_t inner, LeftFactor a, RightFactor b, ProductTarget c, const float* bias,
                  End end) {
  constexpr int kRows = kTileRows<Vectors>;
  int64_t i = 0;
  for (; i + kRows <= rows; i += kRows)
    tile<kRows, Vectors, start>(inner, {a.data + i * a.row_step, a.row_step, a.column_step}, b,
                                {c.data + i * c.width, c.width}, bias, end);
  last_rows<kRows - 1, Vectors, start>(rows - i, inner, {a.data + i * a.row_step, a.row_step, a.column_step}, b,
                                       {c.data + i * c.width, c.width}, bias, end);
}

/// Rows and columns of a product, and the length of its sums.
struct ProductSize {
  int64_t rows, columns, inner;
};

/// c [rows, columns] = a [rows, inner] b [inner, columns], plus what `start` says (bias: [columns]). `columns` is a
/// multiple of 16. Every element is one sum in the order of `inner`, for vectors of any length, and goes where `end`
/// puts it.
template <Start start, class End = Stored>
inline void multiply(ProductSize size, LeftFactor a, RightFactor b, ProductTarget c, const float* bias = nullptr,
                     End end = {}) {
  int64_t j = 0;
  const auto panels = [&]<int Vectors>() {
    for (; j + Vectors * kLanes <= size.columns; j += Vectors * kLanes)
      panel<Vectors, start>(size.rows, size.inner, a, {b.data + j, b.width}, {c.data + j, c.width},
                            bias ? bias + j : nullptr, end.from(j));
  };
  if constexpr (kWidest > 2) panels.template operator()<kWidest>();
  panels.template operator()<2>();
  panels.template operator()<1>();
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA
