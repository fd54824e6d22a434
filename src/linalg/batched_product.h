// Products of many small matrices, as attention needs them.
#pragma once

#include <ATen/core/Tensor.h>

namespace latentcrs {

enum class Second { as_is, transposed };

/// Matrix by matrix a b, or a bᵀ: a [N, m, k], b [N, k, n] (transposed: [N, n, k]) -> [N, m, n]; differentiable once.
/// On the CPU LibTorch's own bmm takes the matrices one after another, at the price of several tensor operations each,
/// unless it was built with MKL; here LibTorch's threads share them and call BLAS directly. The bits do not depend on
/// the number of threads.
at::Tensor batched_product(const at::Tensor& a, const at::Tensor& b, Second second);

}  // namespace latentcrs
