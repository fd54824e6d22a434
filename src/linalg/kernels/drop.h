// Dropout over a block of memory.
#pragma once

#include <cstdint>

#include "linalg/dropout_mask.h"

namespace latentcrs::kernels {

/// out[i] = x[i] dropped, for i in [begin, end). The same bits on every instruction set.
void drop(const float* x, float* out, int64_t begin, int64_t end, const DropoutMask& mask);

}  // namespace latentcrs::kernels
