// The product of two large matrices on the CPU at the rate of its widest vectors, on all of LibTorch's threads. Callers
// include products.h.
#pragma once

#include <ATen/core/Tensor.h>

namespace latentcrs {

/// a b: a [M, K], b [K, N], each float32, float16 or bfloat16 on the CPU, stored row after row or column after column
/// -> [M, N] float32, without gradient. Shorter types are widened while they are packed and never copied whole. Every
/// element is one float32 sum in the order of K, so its bits depend neither on the number of threads nor on the other
/// rows. It may be called from parallel regions, where it computes on the calling thread.
at::Tensor packed_product(const at::Tensor& a, const at::Tensor& b);

/// z zᵀ of z [R, K]: the same bits as packed_product(z, z.t()), for little more than half of its work.
at::Tensor packed_gram(const at::Tensor& z);

}  // namespace latentcrs
