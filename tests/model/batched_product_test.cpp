#include "../../src/model/batched_product.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <catch2/catch.hpp>

#include "latentcrs/util/random.h"
#include "support/tensors.h"

using namespace latentcrs;

namespace {

at::Tensor numbers(at::IntArrayRef sizes, uint64_t seed) {
  at::Tensor t = at::empty(sizes);
  Rng rng(seed);
  for (int64_t i = 0; i < t.numel(); ++i) t.data_ptr<float>()[i] = static_cast<float>(rng.normal());
  return t.set_requires_grad(true);
}

}  // namespace

TEST_CASE("batched_product agrees with bmm in value and gradient", "[model]") {
  for (const bool transposed : {false, true}) {
    CAPTURE(transposed);
    const at::Tensor a = numbers({19, 5, 3}, 1);
    const at::Tensor b = transposed ? numbers({19, 7, 3}, 2) : numbers({19, 3, 7}, 2);
    const at::Tensor weights = numbers({19, 5, 7}, 3).detach();

    const at::Tensor ours = batched_product(a, b, transposed ? Second::transposed : Second::as_is);
    (ours * weights).sum().backward();
    const at::Tensor grad_a = a.grad().clone(), grad_b = b.grad().clone();
    a.mutable_grad().reset();
    b.mutable_grad().reset();
    const at::Tensor theirs = at::bmm(a, transposed ? b.transpose(1, 2) : b);
    (theirs * weights).sum().backward();

    CHECK(test::difference(ours.detach(), theirs.detach(), {1e-5, 1e-6}) == "");
    CHECK(test::difference(grad_a, a.grad(), {1e-5, 1e-6}) == "");
    CHECK(test::difference(grad_b, b.grad(), {1e-5, 1e-6}) == "");
  }
}

TEST_CASE("batched_product takes strided operands and gives the same bits for any number of threads", "[model]") {
  const at::Tensor a = numbers({40, 6, 8}, 4).detach().transpose(1, 2);
  const at::Tensor b = numbers({40, 6, 9}, 5).detach();
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor one = batched_product(a, b, Second::as_is);
  at::set_num_threads(3);
  const at::Tensor three = batched_product(a, b, Second::as_is);
  at::set_num_threads(threads);
  CHECK(at::equal(one, three));
  CHECK(test::difference(one, at::bmm(a, b), {1e-5, 1e-6}) == "");
}
