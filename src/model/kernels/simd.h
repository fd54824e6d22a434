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

inline float sum(Floats v) {
  float lane[kLanes];
  store(lane, v);
  for (int width = kLanes / 2; width > 0; width /= 2)
    for (int i = 0; i < width; ++i) lane[i] += lane[i + width];
  return lane[0];
}
inline float largest(Floats v) {
  float lane[kLanes];
  store(lane, v);
  for (int width = kLanes / 2; width > 0; width /= 2)
    for (int i = 0; i < width; ++i) lane[i] = lane[i] > lane[i + width] ? lane[i] : lane[i + width];
  return lane[0];
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
