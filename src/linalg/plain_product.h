// Matrix products of any size and on any device, where no gradient is recorded.
#pragma once

#include <ATen/core/Tensor.h>

namespace latentcrs {

/// a b in float32 without gradient, a [M, K], b [K, N] on any device: matrix_product() where its packing is worth
/// while.
at::Tensor plain_product(const at::Tensor& a, const at::Tensor& b);

}  // namespace latentcrs
