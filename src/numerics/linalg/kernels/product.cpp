#include "numerics/linalg/kernels/product.h"

#include "numerics/linalg/kernels/simd.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

namespace {

// The sums of a tile fill the registers, except for those that hold a row of the right panel and a number of the left
// one.
#if defined(__AVX512F__)
constexpr int kRows = 14;
#else
constexpr int kRows = 6;
#endif
constexpr int kVectors = 2, kColumns = kVectors * kLanes;

typedef uint32_t FourWords __attribute__((vector_size(16)));
typedef uint16_t FourHalves __attribute__((vector_size(8)));

inline FourWords words(const uint16_t* from) {
  FourHalves v;
  std::memcpy(&v, from, sizeof v);
  return __builtin_convertvector(v, FourWords);
}

/// The types of stored numbers. four() widens four of them to float32.
struct Float32 {
  using Type = float;
  static Four four(const float* from) { return LATENTCRS_ISA::four(from); }
};
struct BFloat16 {
  using Type = uint16_t;
  static Four four(const uint16_t* from) { return (Four)(words(from) << 16); }
};
struct Float16 {
  using Type = uint16_t;
  /// Moved to a float's places, the bits make a number whose exponent is too low by 112, for subnormal numbers too.
  static Four four(const uint16_t* from) {
    const FourWords half = words(from), magnitude = (half & 0x7fff) << 13;
    const FourWords scaled = (FourWords)((Four)magnitude * 0x1p112f);
    const FourWords not_finite = (FourWords)(magnitude >= 0x0f800000) & 0x7f800000;
    return (Four)(scaled | not_finite | (half & 0x8000) << 16);
  }
};
template <class Stored>
float one(const typename Stored::Type* from) {
  const typename Stored::Type four[4] = {*from};
  return Stored::four(four)[0];
}

template <int Width, class Stored>
void pack_line(const typename Stored::Type* from, int64_t inner, float* to) {
  for (int64_t k = 0; k < inner; ++k) to[k * Width] = one<Stored>(from + k);
}

template <int Width, class Stored>
void pack_four_lines(const typename Stored::Type* from, int64_t line, int64_t inner, float* to) {
  int64_t k = 0;
  for (; k + 4 <= inner; k += 4)
    put_transposed(Stored::four(from + k), Stored::four(from + line + k), Stored::four(from + 2 * line + k),
                   Stored::four(from + 3 * line + k), to + k * Width, Width);
  for (int i = 0; i < 4; ++i) pack_line<Width, Stored>(from + i * line + k, inner - k, to + k * Width + i);
}

template <int Width, class Stored>
void pack_outer_lines(const typename Stored::Type* from, int64_t line, int64_t outer, int64_t inner, float* to) {
  if (outer < Width) std::memset(to, 0, sizeof(float) * static_cast<size_t>(Width * inner));
  int64_t i = 0;
  if (outer >= 4)
    for (; i < outer; i += 4) {
      const int64_t first = i + 4 <= outer ? i : outer - 4;  // the last four may overlap those before
      pack_four_lines<Width, Stored>(from + first * line, line, inner, to + first);
    }
  for (; i < outer; ++i) pack_line<Width, Stored>(from + i * line, inner, to + i);
}

template <int Width, class Stored>
void pack_inner_lines(const typename Stored::Type* from, int64_t line, int64_t outer, int64_t inner, float* to) {
  for (int64_t k = 0; k < inner; ++k, from += line, to += Width) {
    if (outer == Width) {
      for (int i = 0; i + 4 <= Width; i += 4) put(to + i, Stored::four(from + i));
      put(to + Width - 4, Stored::four(from + Width - 4));
    } else {
      for (int64_t i = 0; i < Width; ++i) to[i] = i < outer ? one<Stored>(from + i) : 0.0f;
    }
  }
}

template <int Width, class Stored>
void pack_numbers(const Operand& operand, Range outer, Range inner, float* to) {
  const auto* data = static_cast<const typename Stored::Type*>(operand.data);
  if (operand.outer_lines)
    pack_outer_lines<Width, Stored>(data + outer.begin * operand.line + inner.begin, operand.line, outer.count,
                                    inner.count, to);
  else
    pack_inner_lines<Width, Stored>(data + inner.begin * operand.line + outer.begin, operand.line, outer.count,
                                    inner.count, to);
}

template <int Width>
void pack(const Operand& operand, Range outer, Range inner, float* to) {
  switch (operand.type) {
    case Number::float32: return pack_numbers<Width, Float32>(operand, outer, inner, to);
    case Number::float16: return pack_numbers<Width, Float16>(operand, outer, inner, to);
    case Number::bfloat16: return pack_numbers<Width, BFloat16>(operand, outer, inner, to);
  }
}

/// A tile of kRows by kColumns.
inline void whole_tile(int64_t inner, const float* left, const float* right, const TileTarget& target,
                       TileStart start) {
  float* const c = target.data;
  const int64_t line = target.line;
  Floats sums[kRows][kVectors];
#pragma GCC unroll 16
  for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v)
      sums[i][v] = start == TileStart::target ? load(c + i * line + v * kLanes) : Floats{};
  for (int64_t k = 0; k < inner; ++k, left += kRows, right += kColumns) {
    Floats row[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) row[v] = load(right + v * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i) {
      const Floats factor = splat(left[i]);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sums[i][v] = fused(factor, row[v], sums[i][v]);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) store(c + i * line + v * kLanes, sums[i][v]);
}

void tile(int64_t inner, const float* left, const float* right, const TileTarget& target, TileStart start) {
  if (target.rows == kRows && target.columns == kColumns) return whole_tile(inner, left, right, target, start);
  float whole[kRows * kColumns] = {};
  for (int64_t i = 0; start == TileStart::target && i < target.rows; ++i)
    for (int64_t j = 0; j < target.columns; ++j) whole[i * kColumns + j] = target.data[i * target.line + j];
  whole_tile(inner, left, right, {.data = whole, .line = kColumns, .rows = kRows, .columns = kColumns}, start);
  for (int64_t i = 0; i < target.rows; ++i)
    for (int64_t j = 0; j < target.columns; ++j) target.data[i * target.line + j] = whole[i * kColumns + j];
}

}  // namespace

extern const ProductKernel kProduct;
const ProductKernel kProduct = {kRows, kColumns, pack<kRows>, pack<kColumns>, tile};

}  // namespace latentcrs::kernels::LATENTCRS_ISA
