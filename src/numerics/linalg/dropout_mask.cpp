#include "numerics/linalg/dropout_mask.h"

#include <algorithm>
#include <cmath>

namespace latentcrs {

DropoutMask make_dropout_mask(uint64_t key, double p) {
  return {static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32),
          static_cast<uint32_t>(std::min(std::llround(p * 0x1.0p32), 0xffffffffll)),
          static_cast<float>(1.0 / (1.0 - p))};
}

}  // namespace latentcrs
