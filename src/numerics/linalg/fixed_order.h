// Operators of LibTorch whose sums on the CPU depend on the number of threads, here with sums in a fixed order.
#pragma once

#include <ATen/core/Tensor.h>

namespace latentcrs {

/// Layer normalisation over the last dimension of x [..., D], with weight and bias [D]. LibTorch's own adds up the
/// gradients of weight and bias in one part for each thread.
at::Tensor layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double epsilon);

/// The sum of all elements. LibTorch's own takes one part for each thread from 32,768 elements on.
at::Tensor sum_of_all(const at::Tensor& x);
/// sum_of_all(x) / the number of elements.
at::Tensor mean_of_all(const at::Tensor& x);

}  // namespace latentcrs
