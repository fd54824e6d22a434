// The initial weights of torch.nn.Linear.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "base/util/random.h"

namespace latentcrs {

/// Weights or biases [sizes] of a layer with `inputs` inputs: uniform within ±1/√inputs.
at::Tensor draw_linear(at::IntArrayRef sizes, int64_t inputs, Rng& rng);

}  // namespace latentcrs
