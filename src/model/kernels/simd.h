// Vectors of floats for the kernels, written with the compilers' vector extension. The sources of this folder
// are compiled once for each instruction set (src/CMakeLists.txt); LATENTCRS_ISA names the set and keeps the copies
// apart. Nothing here may call a function that the linker could share between the copies: no std:: templates.
#pragma once

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
/// a where `mask` (all ones or all zeros a lane) is set, else 0.
inline Floats where(Ints mask, Floats a) { return (Floats)(mask & bits(a)); }
inline Floats select(Ints mask, Floats a, Floats b) { return (Floats)((mask & bits(a)) | (~mask & bits(b))); }
inline Floats max(Floats a, Floats b) { return select(a > b, a, b); }
inline Floats abs(Floats a) { return (Floats)(bits(a) & 0x7fffffff); }
inline Words lane_numbers() {
  Words v;
  for (int i = 0; i < kLanes; ++i) v[i] = static_cast<uint32_t>(i);
  return v;
}

typedef float Eight __attribute__((vector_size(32)));
typedef float Four __attribute__((vector_size(16)));

/// All lanes as one: the upper half of the lanes is joined to the lower one until a single lane is left.
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

inline Four four(const float* from) {
  Four v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
inline void put(float* to, Four v) { std::memcpy(to, &v, sizeof v); }
/// Column c of four rows to `to + c * stride`.
inline void put_transposed(Four a, Four b, Four c, Four d, float* to, int64_t stride) {
  const Four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  put(to, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
  put(to + stride, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
  put(to + 2 * stride, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
  put(to + 3 * stride, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

/// e^x for x <= 88, relative error below 2e-7; 0 below -87.
inline Floats exp(Floats x) {
  const Floats low = splat(-87.0f);
  const Ints in_range = x >= low;
  x = max(x, low);
  // Adding 1.5 * 2^23 rounds x / ln 2 to an integer n, which then stands in the low bits.
  const Floats shifted = x * 1.44269504f + 12582912.0f;
  const Floats n = shifted - 12582912.0f;
  const Floats r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  Floats p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  return where(in_range, (Floats)(bits(p) + (bits(shifted) << 23)));
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA
