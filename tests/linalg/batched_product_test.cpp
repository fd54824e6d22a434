#include "numerics/linalg/batched_product.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <catch2/catch.hpp>

#include "base/util/random.h"
#include "support/tensors.h"

using namespace latentcrs;

namespace {

at::Tensor numbers(at::IntArrayRef sizes, uint64_t seed) {
  at::Tensor t = at::empty(sizes);
  Rng rng(seed);
  for (int64_t i = 0; i < t.numel(); ++i) t.data_ptr<float>()[i] = static_cast<float>(rng.normal());
  return t.set_requires_grad(true);
}

/// The largest difference between two products of `a` and `b` as a share of the sum of their terms' sizes.
double difference(const at::Tensor& one, const at::Tensor& other, const at::Tensor& a, const at::Tensor& b) {
  return ((one - other).abs() / at::bmm(a.detach().abs(), b.detach().abs())).max().item<double>();
}

/// Twice 2^-24 for each of at most 9 terms: however float32 adds them up, a sum is no further from the true one than
/// 2^-24 of the sum of its terms' sizes for each.
constexpr double kRounding = 2 * 9 * 6e-8;

}  // namespace

TEST_CASE("batched_product agrees with bmm in value and gradient", "[model]") {
  for (const bool transposed : {false, true}) {
    CAPTURE(transposed);
    const at::Tensor a = numbers({19, 5, 3}, 1);
    const at::Tensor b = transposed ? numbers({19, 7, 3}, 2) : numbers({19, 3, 7}, 2);
    const at::Tensor weights = numbers({19, 5, 7}, 3).detach();

    const at::Tensor ours = batched_product(a, b, transposed ? SecondFactor::transposed : SecondFactor::as_is);
    (ours * weights).sum().backward();
    const at::Tensor grad_a = a.grad().clone(), grad_b = b.grad().clone();
    a.mutable_grad().reset();
    b.mutable_grad().reset();
    const at::Tensor theirs = at::bmm(a, transposed ? b.transpose(1, 2) : b);
    (theirs * weights).sum().backward();

    const at::Tensor second = transposed ? b.transpose(1, 2) : b;
    CHECK(difference(ours.detach(), theirs.detach(), a, second) < kRounding);
    CHECK(difference(grad_a, a.grad(), weights, second.transpose(1, 2)) < kRounding);
    const at::Tensor theirs_b = transposed ? b.grad().transpose(1, 2) : b.grad();
    CHECK(difference(transposed ? grad_b.transpose(1, 2) : grad_b, theirs_b, a.transpose(1, 2), weights) < kRounding);
  }
}

TEST_CASE("batched_product takes strided operands and gives the same bits for any number of threads", "[model]") {
  const at::Tensor a = numbers({40, 6, 8}, 4).detach().transpose(1, 2);
  const at::Tensor b = numbers({40, 6, 9}, 5).detach();
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor one = batched_product(a, b, SecondFactor::as_is);
  at::set_num_threads(3);
  const at::Tensor three = batched_product(a, b, SecondFactor::as_is);
  at::set_num_threads(threads);
  CHECK(at::equal(one, three));
  CHECK(difference(one, at::bmm(a, b), a, b) < kRounding);
}
