// Vectors of floats for the kernels, written with the compilers' vector extension. Kernels are compiled once for each
// instruction set (src/CMakeLists.txt); LATENTCRS_ISA names the set and keeps the copies apart. Kernels may not call a
// function that the linker could share between the copies, such as a std:: template.
//
// The copies for AVX2 and AVX-512 give the same bits, by two rules. The compiler never fuses a multiplication with an
// addition on its own (-ffp-contract=off); fused() says where that happens. A sum over many numbers has 16 parts for
// vectors of any length, and Sums joins them in one order.
#pragma once

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#include <cstdint>
#include <cstring>

namespace latentcrs::kernels::LATENTCRS_ISA {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif

typedef float Floats __attribute__((vector_size(kLanes * 4)));
typedef int32_t Ints __attribute__((vector_size(kLanes * 4)));
typedef uint32_t Words __attribute__((vector_size(kLanes * 4)));

inline Floats load(const float* from) {
  Floats v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
inline void store(float* to, Floats v) { std::memcpy(to, &v, sizeof v); }
inline Floats splat(float a) { return a - Floats{}; }
inline Words splat(uint32_t a) { return a - Words{}; }
inline Ints bits(Floats v) { return (Ints)v; }
/// a where `mask` is set, else 0. A lane of a mask is all ones or all zeros.
inline Floats where(Ints mask, Floats a) { return (Floats)(mask & bits(a)); }
inline Floats select(Ints mask, Floats a, Floats b) { return (Floats)((mask & bits(a)) | (~mask & bits(b))); }
/// a where a > b, else b: b where one of them is NaN.
inline Floats max(Floats a, Floats b) {
#if defined(__AVX512F__)
  return (Floats)_mm512_maskz_max_ps(0xffff, (__m512)a, (__m512)b);  // g++ 12 warns of _mm512_max_ps
#elif defined(__AVX2__)
  return (Floats)_mm256_max_ps((__m256)a, (__m256)b);
#else
  return select(a > b, a, b);
#endif
}
/// a where a < b, else b: b where one of them is NaN.
inline Floats min(Floats a, Floats b) {
#if defined(__AVX512F__)
  return (Floats)_mm512_maskz_min_ps(0xffff, (__m512)a, (__m512)b);  // g++ 12 warns of _mm512_min_ps
#elif defined(__AVX2__)
  return (Floats)_mm256_min_ps((__m256)a, (__m256)b);
#else
  return select(a < b, a, b);
#endif
}
inline Floats abs(Floats a) { return (Floats)(bits(a) & 0x7fffffff); }

/// a b + c, rounded once where the instruction set can (AVX2 with FMA, AVX-512, ARM64), else twice.
inline Floats fused(Floats a, Floats b, Floats c) {
#if defined(__AVX512F__)
  return (Floats)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__FMA__)
  return (Floats)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#elif defined(__aarch64__)
  return (Floats)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
#else
  return a * b + c;
#endif
}
inline Floats fused(Floats a, float b, Floats c) { return fused(a, splat(b), c); }
inline Floats fused(Floats a, Floats b, float c) { return fused(a, b, splat(c)); }
inline Floats fused(Floats a, float b, float c) { return fused(a, splat(b), splat(c)); }
inline float fused(float a, float b, float c) {
#if defined(__FMA__) || defined(__aarch64__)
  return __builtin_fmaf(a, b, c);
#else
  return a * b + c;
#endif
}
inline Words lane_numbers() {
  Words v;
  for (int i = 0; i < kLanes; ++i) v[i] = static_cast<uint32_t>(i);
  return v;
}

typedef float Eight __attribute__((vector_size(32)));
typedef float Four __attribute__((vector_size(16)));

/// Joins all lanes to one number: the upper half of the lanes is joined to the lower half until a single lane is left.
template <class Join>
inline float fold(Floats v, Join join) {
#if defined(__AVX512F__)
  const Eight eight = join(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7),
                           __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15));
#elif defined(__AVX2__)
  const Eight eight = v;
#endif
#if defined(__AVX2__)
  const Four four =
      join(__builtin_shufflevector(eight, eight, 0, 1, 2, 3), __builtin_shufflevector(eight, eight, 4, 5, 6, 7));
#else
  const Four four = v;
#endif
  const Four two = join(four, __builtin_shufflevector(four, four, 2, 3, 2, 3));
  return join(two, __builtin_shufflevector(two, two, 1, 1, 1, 1))[0];
}
inline float sum(Floats v) {
  return fold(v, [](auto a, auto b) { return a + b; });
}
inline float largest(Floats v) {
  return fold(v, [](auto a, auto b) { return a > b ? a : b; });
}

constexpr int kStep = 16;  // a multiple of every kLanes; the widths of all blocks are multiples of it
constexpr int kParts = kStep / kLanes;

/// A sum of numbers that come in steps of kStep. Part p takes the numbers p * kLanes to (p + 1) * kLanes - 1 of each
/// step, so that the order of the additions, and with it the bits, does not depend on the length of a vector.
struct Sums {
  Floats parts[kParts] = {};

  /// The sums of the upper and the lower half of the 16 lanes.
  void halves(Eight& out) const {
#if defined(__AVX512F__)
    out = __builtin_shufflevector(parts[0], parts[0], 0, 1, 2, 3, 4, 5, 6, 7) +
          __builtin_shufflevector(parts[0], parts[0], 8, 9, 10, 11, 12, 13, 14, 15);
#elif defined(__AVX2__)
    out = parts[0] + parts[1];
#else
    out = __builtin_shufflevector(parts[0] + parts[2], parts[1] + parts[3], 0, 1, 2, 3, 4, 5, 6, 7);
#endif
  }
  /// Joins the parts, beginning with the upper half of the 16 lanes to the lower half.
  float total() const {
    if constexpr (kParts == 1) return sum(parts[0]);
    if constexpr (kParts == 2) return sum(parts[0] + parts[1]);
    if constexpr (kParts == 4) return sum((parts[0] + parts[2]) + (parts[1] + parts[3]));
  }
};

/// Calls work(i, p) for the vectors that begin at the indices i of [begin, end), of part p of Sums. end - begin is a
/// multiple of kStep.
template <class Work>
inline void for_each_vector(int64_t begin, int64_t end, Work work) {
  for (int64_t i = begin; i < end; i += kStep)
#pragma GCC unroll 4
    for (int p = 0; p < kParts; ++p) work(i + p * kLanes, p);
}

inline Four four(const float* from) {
  Four v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
inline void put(float* to, Four v) { std::memcpy(to, &v, sizeof v); }
/// Writes column c of four rows to `to + c * stride`.
inline void put_transposed(Four a, Four b, Four c, Four d, float* to, int64_t stride) {
  const Four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  put(to, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
  put(to + stride, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
  put(to + 2 * stride, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
  put(to + 3 * stride, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

/// e^x for x <= 88, relative error below 2e-7; 0 below -87, NaN for NaN.
inline Floats exp(Floats x) {
  const Floats low = splat(-87.0f);
  const Ints in_range = ~(x < low);
  x = max(low, x);
  // Adding 1.5 * 2^23 rounds x / ln 2 to an integer n, which then stands in the low bits.
  const Floats shifted = fused(x, 1.44269504f, 12582912.0f);
  const Floats n = shifted - 12582912.0f;
  const Floats r = fused(n, 2.12194440e-4f, fused(n, -0.693359375f, x));
  Floats p = splat(1.9875691500e-4f);
  p = fused(p, r, 1.3981999507e-3f);
  p = fused(p, r, 8.3334519073e-3f);
  p = fused(p, r, 4.1665795894e-2f);
  p = fused(p, r, 1.6666665459e-1f);
  p = fused(p, r, 5.0000001201e-1f);
  p = fused(p * r, r, r) + 1.0f;
  return where(in_range, (Floats)(bits(p) + (bits(shifted) << 23)));
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA
