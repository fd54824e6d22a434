// Which elements dropout zeroes (model/dropout.h): shared by the operator and by the encoder kernel.
#pragma once

#include <cstdint>

namespace latentcrs {

/// Element i is zeroed if hash(key, i mod 2^32) < threshold, else multiplied by `scale`. The hash is C. Wellons'
/// three-round "triple32" with the second half of the key added between the rounds.
struct DropoutMask {
  uint32_t key_low = 0, key_high = 0;
  uint32_t threshold = 0;  ///< 0: nothing is dropped
  float scale = 1;
};

/// p in (0, 1).
DropoutMask make_dropout_mask(uint64_t key, double p);

}  // namespace latentcrs
