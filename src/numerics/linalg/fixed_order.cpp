#include "numerics/linalg/fixed_order.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <array>

namespace latentcrs {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kSerial = 16384;  // LibTorch adds up so many elements on one thread

/// The sum over the rows of x [N, D], as sums of the lines of a transposed copy. LibTorch's sum over the first
/// dimension shares the columns out in parts, and adds up the ends of a part beside whole vectors in another order.
at::Tensor sum_of_rows(const at::Tensor& x) { return x.t().contiguous().sum(1); }

struct LayerNormalisation : torch::autograd::Function<LayerNormalisation> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, double epsilon) {
    const auto [normed, mean, inverse] = at::native_layer_norm(x, weight.sizes(), weight, bias, epsilon);
    context->save_for_backward({x, weight, bias, mean, inverse});
    return normed;
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], &bias = saved[2], &mean = saved[3], &inverse = saved[4];
    const at::Tensor gradient = gradients[0].contiguous();
    const at::Tensor grad_x = std::get<0>(at::native_layer_norm_backward(
        gradient, x, weight.sizes(), mean, inverse, weight, bias, std::array<bool, 3>{true, false, false}));
    const int64_t width = weight.numel();
    const at::Tensor rows = gradient.view({-1, width});
    const at::Tensor normalised = ((x - mean) * inverse).view({-1, width});
    return {grad_x, sum_of_rows(rows * normalised), sum_of_rows(rows), at::Tensor()};
  }
};

}  // namespace

at::Tensor layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double epsilon) {
  if (!x.is_cpu() || !at::GradMode::is_enabled() || !(weight.requires_grad() || bias.requires_grad()))
    return at::layer_norm(x, weight.sizes(), weight, bias, epsilon);
  return LayerNormalisation::apply(x.contiguous(), weight, bias, epsilon);
}

at::Tensor sum_of_all(const at::Tensor& x) {
  if (!x.is_cpu() || x.numel() <= kSerial) return x.sum();
  const at::Tensor flat = x.reshape({-1});
  const int64_t whole = flat.numel() / kSerial * kSerial;
  const at::Tensor parts = flat.narrow(0, 0, whole).view({-1, kSerial}).sum(1);
  return sum_of_all(at::cat({parts, flat.narrow(0, whole, flat.numel() - whole).sum().view({1})}));
}

at::Tensor mean_of_all(const at::Tensor& x) { return sum_of_all(x) / static_cast<double>(x.numel()); }

}  // namespace latentcrs
