// Matrix products on the CPU at the rate of its widest vectors, on all of LibTorch's threads.
#pragma once

#include <ATen/core/Tensor.h>

namespace latentcrs {

/// a b: a [M, K], b [K, N], each float32, float16 or bfloat16 on the CPU, dense or transposed -> [M, N] float32,
/// summed in float32; shorter types are widened as they are packed, never copied whole. Without gradient. Every element
/// is one sum in the order of K: the same bits for any number of threads. May be called from parallel regions, and then
/// computes on the calling thread.
at::Tensor matrix_product(const at::Tensor& a, const at::Tensor& b);

}  // namespace latentcrs
