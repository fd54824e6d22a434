// The hash that decides which elements dropout zeroes (dropout_mask.h), for a vector of elements at once.
#pragma once

#include "numerics/linalg/dropout_mask.h"
#include "numerics/linalg/kernels/simd.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

/// 0 or `scale` for the elements first .. first + kLanes - 1. Only 32-bit operations, which every vector unit has.
inline Floats drop_factor(const DropoutMask& mask, uint32_t first) {
  Words h = splat(first) + lane_numbers() + mask.key_low;
  h = (h ^ (h >> 17)) * 0xed5ad4bbu;
  h = ((h ^ (h >> 11)) + mask.key_high) * 0xac4c1b51u;
  h = (h ^ (h >> 15)) * 0x31848babu;
  h ^= h >> 14;
  return where((Ints)(h >= splat(mask.threshold)), splat(mask.scale));
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA
