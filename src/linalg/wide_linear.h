// The one product of EM training that takes most of its time: text embeddings times a wide weight.
#pragma once

#include <ATen/core/Tensor.h>

namespace latentcrs {

/// x Wᵀ: x [B, E] float32, float16 or bfloat16, weight [N, E] float32 -> [B, N] float32. Gradients flow to the weight
/// only. On the CPU large ones go through matrix_product, with the same bits for any number of threads.
at::Tensor wide_linear(const at::Tensor& x, const at::Tensor& weight);

}  // namespace latentcrs
