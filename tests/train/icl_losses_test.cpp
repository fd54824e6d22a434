#include "recommender/train/icl_losses.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/variable.h>

#include <catch2/catch.hpp>

#include "recommender/model/sasrec.h"
#include "support/tensors.h"

using namespace latentcrs;

namespace {

double relative_error(const at::Tensor& value, const at::Tensor& expected) {
  return ((value - expected).abs().max() / expected.abs().max().clamp_min(1e-12)).item<double>();
}

at::Tensor leaf(const at::Tensor& value) { return value.detach().clone().set_requires_grad(true); }

}  // namespace

TEST_CASE("contrasts have the published values and gradients", "[icl_losses][parity][device]") {
  const StateDict fixture = test::fixture("icl_losses");
  const auto published = [&](const std::string& name) { return *find(fixture, name); };
  const at::Tensor labels = published("intent_ids");
  const at::Tensor vectors = published("centroids").index_select(0, labels);
  for (const std::string temperature : {"1.0", "0.5"})
    for (const std::string kind : {"nce", "nce_denoise", "pcl", "pcl_denoise"}) {
      const std::string name = kind + ".T" + temperature;
      INFO(name);
      const at::Tensor z1 = leaf(published("z1")), z2 = leaf(published("z2")), views = at::cat({z1, z2});
      const at::Tensor excluded = kind.ends_with("denoise") ? labels : at::Tensor();
      const double t = std::stod(temperature);
      const at::Tensor loss =
          kind.starts_with("nce") ? nce(views, t, excluded) : intent_contrast(views, {{vectors, excluded}}, t);
      loss.backward();
      CHECK(relative_error(loss, published(name)) < 1e-5);
      CHECK(relative_error(z1.grad(), published(name + ".grad_z1")) < 1e-5);
      CHECK(relative_error(z2.grad(), published(name + ".grad_z2")) < 1e-5);
    }
}

TEST_CASE("several clusterings are averaged; a single user has nothing to be told from", "[icl_losses]") {
  const at::Tensor z1 = at::rand({4, 3}), z2 = at::rand({4, 3}), a = at::rand({4, 3}), b = at::rand({4, 3});
  const auto of = [](const at::Tensor& x, const at::Tensor& y) { return nce(at::cat({x, y}), 0.5, {}); };
  const double expected = (of(z1, a) + of(z2, a) + of(z1, b) + of(z2, b)).item<double>();
  CHECK(intent_contrast(at::cat({z1, z2}), {{a, {}}, {b, {}}}, 0.5).item<double>() == Approx(expected / 4));
  CHECK(of(z1.narrow(0, 0, 1), z2.narrow(0, 0, 1)).item<double>() == Approx(0).margin(1e-6));
}
