#include "linalg/wide_linear.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "linalg/plain_product.h"

namespace latentcrs {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct WideLinear : torch::autograd::Function<WideLinear> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight) {
    context->save_for_backward({x});
    return plain_product(x, weight.t());
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const at::Tensor x = context->get_saved_variables()[0];
    return {at::Tensor(), plain_product(gradients[0].t(), x)};
  }
};

}  // namespace

at::Tensor wide_linear(const at::Tensor& x, const at::Tensor& weight) { return WideLinear::apply(x, weight); }

}  // namespace latentcrs
