#include "numerics/linalg/products.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

namespace latentcrs {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kFewMultiplications = int64_t{1} << 20;  // packing takes longer than it saves

struct WideLinear : torch::autograd::Function<WideLinear> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight) {
    context->save_for_backward({x});
    return inference_product(x, weight.t());
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const at::Tensor x = context->get_saved_variables()[0];
    return {at::Tensor(), inference_product(gradients[0].t(), x)};
  }
};

}  // namespace

at::Tensor matrix_product(const at::Tensor& a, const at::Tensor& b) {
  return at::GradMode::is_enabled() || a.dim() != 2 ? at::matmul(a, b) : inference_product(a, b);
}

at::Tensor inference_product(const at::Tensor& a, const at::Tensor& b) {
  if (a.is_cpu() && a.numel() * b.size(1) > kFewMultiplications) return packed_product(a, b);
  return at::mm(a.to(at::kFloat), b.to(at::kFloat));
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return at::GradMode::is_enabled() ? at::linear(x, weight, bias) : matrix_product(x, weight.t()).add_(bias);
}

at::Tensor wide_linear(const at::Tensor& x, const at::Tensor& weight) { return WideLinear::apply(x, weight); }

}  // namespace latentcrs
