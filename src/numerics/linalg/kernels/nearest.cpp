#include "numerics/linalg/kernels/nearest.h"

#include "numerics/linalg/kernels/simd.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

Nearest nearest(const float* products, const float* lengths, float own, int64_t count) {
  Floats best = splat(__builtin_inff());
  Ints where_best{};
  int64_t j = 0;
  for (; j + kLanes <= count; j += kLanes) {
    const Floats distance = max(splat(own) + load(lengths + j) - 2.0f * load(products + j), Floats{});
    const Ints closer = distance < best;
    best = select(closer, distance, best);
    where_best = (closer & (static_cast<int32_t>(j) - Ints{})) | (~closer & where_best);
  }
  Nearest found{.index = -1, .distance = 0};
  const auto offer = [&found](int64_t index, float distance) {
    if (found.index < 0 || distance < found.distance || (distance == found.distance && index < found.index))
      found = {index, distance};
  };
  if (j > 0)
    for (int lane = 0; lane < kLanes; ++lane) offer(where_best[lane] + lane, best[lane]);
  for (; j < count; ++j) {
    const float distance = own + lengths[j] - 2.0f * products[j];
    offer(j, distance > 0.0f ? distance : 0.0f);
  }
  return found;
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA
