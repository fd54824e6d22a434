// The rule by which dropout on the CPU zeroes elements: shared by the operator (dropout.h) and by the encoder's
// kernels.
#pragma once

#include <cstdint>

namespace latentcrs {

/// Element i is zeroed if hash(key, i mod 2^32) < threshold, else multiplied by `scale`. The hash is C. Wellons'
/// three-round "triple32" with the second half of the key added between the rounds (kernels/drop_factor.h).
struct DropoutMask {
  uint32_t key_low = 0, key_high = 0;
  uint32_t threshold = 0;  ///< 0: every element is kept
  float scale = 1;
};

/// p in (0, 1).
DropoutMask make_dropout_mask(uint64_t key, double p);

}  // namespace latentcrs
