// The smallest of many squared distances: the inner loop of k-means.
#pragma once

#include <cstdint>

namespace latentcrs::kernels {

struct Nearest {
  int64_t index = 0;
  float distance = 0;
};

/// The first j of the smallest max(0, own + lengths[j] - 2 products[j]): squared distances from squared lengths and
/// inner products, rounded as Faiss rounds them. count > 0.
Nearest nearest(const float* products, const float* lengths, float own, int64_t count);

}  // namespace latentcrs::kernels
