#include "recommender/model/linear_weights.h"

#include <ATen/ATen.h>

#include <cmath>

namespace latentcrs {

at::Tensor draw_linear(at::IntArrayRef sizes, int64_t inputs, Rng& rng) {
  at::Tensor tensor = at::empty(sizes);
  const double bound = 1.0 / std::sqrt(static_cast<double>(inputs));
  float* values = tensor.data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) values[i] = static_cast<float>(bound * (2.0 * rng.uniform() - 1.0));
  return tensor;
}

}  // namespace latentcrs
