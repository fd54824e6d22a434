// Dropout over a block of memory, by one mask.
#pragma once

#include <cstdint>

#include "numerics/linalg/dropout_mask.h"

namespace latentcrs::kernels {

/// out[i] = x[i] with the mask applied, for i in [begin, end). The bits are the same on every instruction set.
void drop(const float* x, float* out, int64_t begin, int64_t end, const DropoutMask& mask);

}  // namespace latentcrs::kernels
