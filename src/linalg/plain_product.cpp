#include "linalg/plain_product.h"

#include <ATen/ATen.h>

#include "linalg/matrix_product.h"

namespace latentcrs {

namespace {

constexpr int64_t kFewMultiplications = int64_t{1} << 20;  // packing is not worth while

}  // namespace

at::Tensor plain_product(const at::Tensor& a, const at::Tensor& b) {
  if (a.is_cpu() && a.numel() * b.size(1) > kFewMultiplications) return matrix_product(a, b);
  return at::mm(a.to(at::kFloat), b.to(at::kFloat));
}

}  // namespace latentcrs
