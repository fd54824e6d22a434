#include "numerics/linalg/dropout.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/variable.h>

#include <catch2/catch.hpp>

#include "support/device.h"

using latentcrs::Dropout;
using latentcrs::test::test_device;

namespace {

at::Tensor ones(at::IntArrayRef sizes) { return at::ones(sizes).to(test_device()).set_requires_grad(true); }

}  // namespace

TEST_CASE("dropout keeps 1 - p of the elements, scaled by 1 / (1 - p)", "[dropout][device]") {
  for (const double p : {0.1, 0.5, 0.9}) {
    const at::Tensor y = Dropout(7, test_device())(at::ones({1000, 1000}).to(test_device()), p);
    const at::Tensor kept = y.masked_select(y.ne(0));
    CHECK(kept.numel() / 1e6 == Approx(1 - p).margin(0.002));  // standard deviation at most 0.0005
    CHECK(kept.eq(static_cast<float>(1 / (1 - p))).all().item<bool>());
    // Rows, columns and neighbouring pairs are dropped alike.
    CHECK(y.mean(0).sub(1).abs().max().item<double>() < 5.5 * std::sqrt(p / (1 - p) / 1000));
    CHECK(y.mean(1).sub(1).abs().max().item<double>() < 5.5 * std::sqrt(p / (1 - p) / 1000));
    const at::Tensor flat = y.flatten();
    CHECK((flat.slice(0, 1) * flat.slice(0, 0, -1)).mean().item<double>() == Approx(1).margin(0.06));
  }
}

TEST_CASE("the gradient passes where the value did", "[dropout][device]") {
  const at::Tensor x = ones({64, 100});
  const at::Tensor y = Dropout(3, test_device())(x, 0.5);
  (y * 3).sum().backward();
  CHECK(at::equal(x.grad(), y.detach() * 3));
}

TEST_CASE("a mask depends on seed, call and element only", "[dropout]") {
  const at::Tensor x = at::rand({300, 1000});
  Dropout first(11), second(11), other(12);
  const at::Tensor a = first(x, 0.5), next = first(x, 0.5);
  CHECK_FALSE(at::equal(a, next));
  CHECK_FALSE(at::equal(a, other(x, 0.5)));
  const int threads = at::get_num_threads();
  at::set_num_threads(threads == 1 ? 2 : 1);
  CHECK(at::equal(a, second(x, 0.5)));
  CHECK(at::equal(next, second(x, 0.5)));
  at::set_num_threads(threads);
  // Elements count in logical order, not in memory order, and a longer tensor begins with the same mask.
  CHECK(at::equal(a, Dropout(11)(x.t().contiguous().t(), 0.5)));
  CHECK(at::equal(a.narrow(0, 0, 100), Dropout(11)(x.narrow(0, 0, 100), 0.5)));
}

TEST_CASE("a seed gives the same masks again on every device", "[dropout][device]") {
  const at::Tensor x = ones({300, 1000});
  const auto twice = [&](uint64_t seed) {
    Dropout dropout(seed, test_device());
    const at::Tensor first = dropout(x, 0.5);
    return at::stack({first, dropout(x, 0.5)});
  };
  const at::Tensor masks = twice(11);
  CHECK(at::equal(masks, twice(11)));
  CHECK_FALSE(at::equal(masks, twice(12)));
  CHECK_FALSE(at::equal(masks[0], masks[1]));
}

TEST_CASE("dropout off or p = 0 returns the tensor itself", "[dropout]") {
  const at::Tensor x = at::rand({5});
  Dropout off = Dropout::off(), on(1);
  CHECK(off(x, 0.5).is_same(x));
  CHECK(on(x, 0.0).is_same(x));
  CHECK_FALSE(off.active());
  CHECK(on.active());
}
