#include "numerics/linalg/batched_product.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "numerics/linalg/serial_product.h"

namespace latentcrs {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// N matrices [N, rows, columns], each taken as it is stored or transposed.
struct MatrixBatch {
  const at::Tensor& matrices;
  bool transposed = false;

  int64_t rows() const { return matrices.size(transposed ? 2 : 1); }
  int64_t columns() const { return matrices.size(transposed ? 1 : 2); }
  at::Tensor tensor() const { return transposed ? matrices.transpose(1, 2) : matrices; }
};

bool fits_blas(const at::Tensor& t) { return t.is_cpu() && t.scalar_type() == at::kFloat; }

/// `matrices` is contiguous.
MatrixView matrix_view(const at::Tensor& matrices, int64_t i, bool transposed) {
  const int64_t rows = matrices.size(1), columns = matrices.size(2);
  return {.data = matrices.data_ptr<float>() + i * rows * columns,
          .rows = static_cast<int>(rows),
          .columns = static_cast<int>(columns),
          .transposed = transposed};
}

at::Tensor multiply_batches(const MatrixBatch& a, const MatrixBatch& b) {
  if (!fits_blas(a.matrices) || !fits_blas(b.matrices)) return at::bmm(a.tensor(), b.tensor());
  const at::Tensor first = a.matrices.contiguous(), second = b.matrices.contiguous();
  const int64_t count = first.size(0), size = a.rows() * b.columns();
  const at::Tensor out = at::empty({count, a.rows(), b.columns()}, first.options());
  float* const products = out.data_ptr<float>();
  at::parallel_for(0, count, 8, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      serial_product(matrix_view(first, i, a.transposed), matrix_view(second, i, b.transposed), products + i * size);
  });
  return out;
}

struct BatchedProduct : torch::autograd::Function<BatchedProduct> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& a, const at::Tensor& b, bool transposed) {
    context->save_for_backward({a, b});
    context->saved_data["transposed"] = transposed;
    return multiply_batches({a}, {b, transposed});
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &a = saved[0], &b = saved[1], &g = gradients[0];
    const bool transposed = context->saved_data["transposed"].toBool();
    const at::Tensor grad_a = multiply_batches({g}, {b, !transposed});
    const at::Tensor grad_b = transposed ? multiply_batches({g, true}, {a}) : multiply_batches({a, true}, {g});
    return {grad_a, grad_b, at::Tensor()};
  }
};

}  // namespace

at::Tensor batched_product(const at::Tensor& a, const at::Tensor& b, SecondFactor second) {
  return BatchedProduct::apply(a, b, second == SecondFactor::transposed);
}

}  // namespace latentcrs
