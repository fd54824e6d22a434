// Products of many small matrices, as attention needs them. Callers include products.h.
#pragma once

#include <ATen/core/Tensor.h>

namespace latentcrs {

/// Whether the second factor of a product is taken as it is or transposed.
enum class SecondFactor { as_is, transposed };

/// Matrix by matrix a b, or a bᵀ: a [N, m, k], b [N, k, n] (transposed: [N, n, k]) -> [N, m, n]. It can be
/// differentiated once. On the CPU in float32 LibTorch's threads share the matrices and each calls BLAS; LibTorch's own
/// bmm takes them one after another, with several tensor operations each, unless it was built with MKL. The bits do not
/// depend on the number of threads.
at::Tensor batched_product(const at::Tensor& a, const at::Tensor& b, SecondFactor second);

}  // namespace latentcrs
