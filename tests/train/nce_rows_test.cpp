#include "recommender/train/nce_rows.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/variable.h>

#include <catch2/catch.hpp>

#include "recommender/train/icl_losses.h"
#include "support/tensors.h"

using namespace latentcrs;

TEST_CASE("the rows of all shards have the value and the gradient of the whole contrast", "[nce_rows]") {
  at::manual_seed(3);
  const int64_t users = 13;
  for (const bool labelled : {false, true}) {
    const at::Tensor z1 = at::randn({users, 6}).set_requires_grad(true),
                     z2 = at::randn({users, 6}).set_requires_grad(true);
    const at::Tensor labels = labelled ? at::arange(users).remainder(5) : at::Tensor();
    const at::Tensor whole = nce(at::cat({z1, z2}), 0.5, labels);
    whole.backward();

    const at::NoGradGuard no_grad;
    const at::Tensor all = at::cat({z1, z2});
    for (const int64_t shards : {1, 4}) {
      INFO((labelled ? "labels, " : "no labels, ") << shards << " shards");
      std::vector<NceRows> rows;
      at::Tensor log_sums = at::empty({2, users});
      for (int64_t s = 0; s < shards; ++s) {
        const Part part = part_of(users, s, shards);
        rows.emplace_back(all, part, 0.5, labelled ? labels.to(at::kFloat) : labels);
        log_sums.narrow(1, part.begin, part.size()).copy_(rows.back().log_sums());
      }
      at::Tensor loss = at::zeros({});
      for (int64_t s = 0; s < shards; ++s) {
        const Part part = part_of(users, s, shards);
        const NceRows& own = rows[static_cast<size_t>(s)];
        loss = loss + own.loss();
        const at::Tensor gradient = own.gradient(log_sums);
        CHECK(test::difference(gradient[0], z1.grad().narrow(0, part.begin, part.size()), {1e-4, 1e-6}) == "");
        CHECK(test::difference(gradient[1], z2.grad().narrow(0, part.begin, part.size()), {1e-4, 1e-6}) == "");
      }
      CHECK(test::difference(loss, whole, {1e-5, 1e-6}) == "");
    }
  }
}
