#include "linalg/kernels/drop.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

/// Only 32-bit operations, so that the loop vectorises.
void drop(const float* x, float* out, int64_t begin, int64_t end, const DropoutMask& mask) {
  const uint32_t low = mask.key_low, high = mask.key_high, threshold = mask.threshold;
  const float scale = mask.scale;
  for (int64_t i = begin; i < end; ++i) {
    uint32_t h = static_cast<uint32_t>(i) + low;
    h = (h ^ (h >> 17)) * 0xed5ad4bbu;
    h = ((h ^ (h >> 11)) + high) * 0xac4c1b51u;
    h = (h ^ (h >> 15)) * 0x31848babu;
    h ^= h >> 14;
    out[i] = x[i] * (h >= threshold ? scale : 0.0f);
  }
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA
