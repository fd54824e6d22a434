#include "numerics/linalg/kernels/drop.h"

#include "numerics/linalg/kernels/drop_factor.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

void drop(const float* x, float* out, int64_t begin, int64_t end, const DropoutMask& mask) {
  int64_t i = begin;
  for (; i + kLanes <= end; i += kLanes) store(out + i, load(x + i) * drop_factor(mask, static_cast<uint32_t>(i)));
  const Floats last = drop_factor(mask, static_cast<uint32_t>(i));
  for (int lane = 0; i + lane < end; ++lane) out[i + lane] = x[i + lane] * last[lane];
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA
