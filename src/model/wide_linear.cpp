#include "wide_linear.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

namespace latentcrs {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kTile = 64;  // columns of BLAS's own blocks: a share is a multiple of it

/// a b, its columns computed by one thread each share.
at::Tensor shared_product(const at::Tensor& a, const at::Tensor& b) {
  const int64_t columns = b.size(1), threads = at::get_num_threads();
  if (!a.is_cpu() || threads == 1 || columns < 2 * kTile) return at::mm(a, b);
  at::Tensor out = at::empty({a.size(0), columns}, a.options());
  const int64_t share = ((columns + threads - 1) / threads + kTile - 1) / kTile * kTile;
  at::parallel_for(0, (columns + share - 1) / share, 1, [&](int64_t begin, int64_t end) {
    const at::NoGradGuard no_grad;  // a thread has its own
    for (int64_t i = begin; i < end; ++i) {
      const int64_t width = std::min(share, columns - i * share);
      at::Tensor part = out.narrow(1, i * share, width);
      at::mm_out(part, a, b.narrow(1, i * share, width));
    }
  });
  return out;
}

struct WideLinear : torch::autograd::Function<WideLinear> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight) {
    context->save_for_backward({x});
    return shared_product(x, weight.t());
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const at::Tensor x = context->get_saved_variables()[0];
    return {at::Tensor(), shared_product(gradients[0].t(), x)};
  }
};

}  // namespace

at::Tensor wide_linear(const at::Tensor& x, const at::Tensor& weight) { return WideLinear::apply(x, weight); }

}  // namespace latentcrs
