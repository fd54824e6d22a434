#include "linalg/batched_product.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "linalg/blas.h"

namespace latentcrs {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// A stack of matrices, each taken as it lies in memory or transposed.
struct Stack {
  const at::Tensor& stack;
  bool transposed = false;

  int64_t rows() const { return stack.size(transposed ? 2 : 1); }
  int64_t columns() const { return stack.size(transposed ? 1 : 2); }
  at::Tensor tensor() const { return transposed ? stack.transpose(1, 2) : stack; }
};

bool fits_blas(const at::Tensor& t) { return t.is_cpu() && t.scalar_type() == at::kFloat; }

at::Tensor product(const Stack& a, const Stack& b) {
  if (!fits_blas(a.stack) || !fits_blas(b.stack)) return at::bmm(a.tensor(), b.tensor());
  const at::Tensor left = a.stack.contiguous(), right = b.stack.contiguous();
  const int64_t count = left.size(0);
  const int m = static_cast<int>(a.rows()), k = static_cast<int>(a.columns()), n = static_cast<int>(b.columns());
  const at::Tensor out = at::empty({count, m, n}, left.options());
  const float* x = left.data_ptr<float>();
  const float* y = right.data_ptr<float>();
  float* z = out.data_ptr<float>();
  // BLAS stores columns first: what it is asked for is zᵀ = yᵀ xᵀ, whose factors lie in memory as it expects.
  const char* x_order = a.transposed ? "T" : "N";
  const char* y_order = b.transposed ? "T" : "N";
  const int ldx = static_cast<int>(left.size(2)), ldy = static_cast<int>(right.size(2));
  const float one = 1, zero = 0;
  at::parallel_for(0, count, 8, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      sgemm_(y_order, x_order, &n, &m, &k, &one, y + i * k * n, &ldy, x + i * m * k, &ldx, &zero, z + i * m * n, &n);
  });
  return out;
}

struct BatchedProduct : torch::autograd::Function<BatchedProduct> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& a, const at::Tensor& b, bool transposed) {
    context->save_for_backward({a, b});
    context->saved_data["transposed"] = transposed;
    return product({a}, {b, transposed});
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &a = saved[0], &b = saved[1], &g = gradients[0];
    const bool transposed = context->saved_data["transposed"].toBool();
    const at::Tensor grad_a = product({g}, {b, !transposed});
    const at::Tensor grad_b = transposed ? product({g, true}, {a}) : product({a, true}, {g});
    return {grad_a, grad_b, at::Tensor()};
  }
};

}  // namespace

at::Tensor batched_product(const at::Tensor& a, const at::Tensor& b, Second second) {
  return BatchedProduct::apply(a, b, second == Second::transposed);
}

}  // namespace latentcrs
