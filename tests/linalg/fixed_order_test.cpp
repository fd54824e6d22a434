#include "numerics/linalg/fixed_order.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <catch2/catch.hpp>

#include "support/tensors.h"

using namespace latentcrs;
using namespace latentcrs::test;

namespace {

struct Normalised {
  at::Tensor value, grad_x, grad_weight, grad_bias;
};

template <class Norm>
Normalised normalise(Norm norm, int64_t rows, int64_t width) {
  const auto waves = [](at::IntArrayRef sizes, double step) {
    const int64_t count = c10::multiply_integers(sizes);
    return (at::arange(count, at::kFloat) * step).sin().view(sizes).contiguous().requires_grad_(true);
  };
  const at::Tensor x = waves({rows, width}, 0.37), weight = waves({width}, 0.11), bias = waves({width}, 0.05);
  const at::Tensor value = norm(x, weight, bias);
  (value * waves({rows, width}, 0.73).detach()).sum().backward();
  return {value.detach(), x.grad(), weight.grad(), bias.grad()};
}

/// Checks that the results of work() have the same bits with 1, 2, 3 and 5 threads.
template <class Work>
void check_same_with_any_threads(Work work) {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const auto expected = work();
  for (const int n : {2, 3, 5}) {
    CAPTURE(n);
    at::set_num_threads(n);
    const auto found = work();
    for (size_t i = 0; i < expected.size(); ++i) CHECK(at::equal(found[i], expected[i]));
  }
  at::set_num_threads(threads);
}

}  // namespace

TEST_CASE("layer_norm is LibTorch's, with the same gradients for any number of threads", "[fixed_order]") {
  const auto ours = [](const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) {
    return layer_norm(x, w, b, 1e-12);
  };
  const auto theirs = [](const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) {
    return at::layer_norm(x, w.sizes(), w, b, 1e-12);
  };
  const Normalised a = normalise(ours, 7, 12), b = normalise(theirs, 7, 12);
  CHECK(difference(a.value, b.value, kExact) == "");
  CHECK(difference(a.grad_x, b.grad_x) == "");
  CHECK(difference(a.grad_weight, b.grad_weight) == "");
  CHECK(difference(a.grad_bias, b.grad_bias) == "");
  for (const auto& [rows, width] : {std::pair<int64_t, int64_t>{128, 64}, {480, 1000}})
    check_same_with_any_threads([&, r = rows, w = width] {
      const Normalised n = normalise(ours, r, w);
      return std::vector{n.value, n.grad_x, n.grad_weight, n.grad_bias};
    });
}

TEST_CASE("a sum over all elements does not depend on the number of threads", "[fixed_order]") {
  for (const int64_t count : {0, 1, 16384, 16385, 100000, 700001}) {
    CAPTURE(count);
    const at::Tensor x = (at::arange(count, at::kFloat) * 0.7).sin() + 0.5;
    CHECK(sum_of_all(x).item<double>() == Approx(x.to(at::kDouble).sum().item<double>()).margin(1e-3));
    check_same_with_any_threads([&] { return std::vector{sum_of_all(x)}; });
  }
  const at::Tensor x = at::ones({200, 300}).requires_grad_(true);
  mean_of_all(x).backward();
  CHECK(difference(x.grad(), at::full({200, 300}, 1.0 / 60000)) == "");
}
