// The one product of EM training that takes most of its time: text embeddings times a wide weight.
#pragma once

#include <ATen/core/Tensor.h>

namespace latentcrs {

/// x Wᵀ: x [B, E], weight [N, E] -> [B, N]. Gradients flow to the weight only. On the CPU the columns of the result
/// (and in the backward pass those of the gradient) are shared out among LibTorch's threads, because BLAS is kept to
/// one.
at::Tensor wide_linear(const at::Tensor& x, const at::Tensor& weight);

}  // namespace latentcrs
