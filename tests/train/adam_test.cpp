#include "recommender/train/adam.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "base/util/error.h"
#include "support/tensors.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;

namespace {

constexpr double kLearningRate = 0.1;
const std::vector<std::vector<float>> kGradients = {{0.5f, -1.0f, 0.25f}, {0.1f, 0.3f, -0.2f}, {-0.4f, 0.0f, 0.05f}};

OptimOptions options(double weight_decay) {
  return {.adam_beta1 = 0.9, .adam_beta2 = 0.99, .adam_weight_decay = weight_decay, .adam_epsilon = 1e-8};
}

at::Tensor leaf(const at::Tensor& values) { return values.to(test_device()).clone().requires_grad_(); }

/// A gradient for step `t` of a parameter like `like`.
at::Tensor gradient(const at::Tensor& like, int t) {
  return at::sin(at::arange(like.numel(), at::kDouble) * 0.37 + t).reshape(like.sizes()).to(like.options());
}

/// torch.optim.Adam's update of `p` over the steps 1, …, steps, composed in double precision.
at::Tensor composed_adam(at::Tensor p, const OptimOptions& o, int steps) {
  p = p.detach().to(at::kCPU, at::kDouble).clone();
  at::Tensor m = at::zeros_like(p), v = at::zeros_like(p);
  for (int t = 1; t <= steps; ++t) {
    at::Tensor g = gradient(p, t) + o.adam_weight_decay * p;
    m = o.adam_beta1 * m + (1 - o.adam_beta1) * g;
    v = o.adam_beta2 * v + (1 - o.adam_beta2) * g * g;
    at::Tensor m_hat = m / (1 - std::pow(o.adam_beta1, t)), v_hat = v / (1 - std::pow(o.adam_beta2, t));
    p = p - kLearningRate * m_hat / (v_hat.sqrt() + o.adam_epsilon);
  }
  return p;
}

}  // namespace

// The numbers are torch.optim.Adam's (1.13), lr 0.1, betas (0.9, 0.99), from the start (1, -2, 0.5).
TEST_CASE("Adam steps as PyTorch's", "[adam][device]") {
  struct Case {
    double weight_decay;
    std::vector<std::vector<float>> after;
  };
  const Case wanted = GENERATE(Case{0.0,
                                    {{0.899999976f, -1.89999998f, 0.400000006f},
                                     {0.819527566f, -1.8571341f, 0.394184619f},
                                     {0.810148597f, -1.82392323f, 0.379843414f}}},
                               Case{0.1,
                                    {{0.899999976f, -1.89999998f, 0.400000006f},
                                     {0.813488066f, -1.83993649f, 0.375885189f},
                                     {0.78275311f, -1.78425217f, 0.341804713f}}});
  at::Tensor p = leaf(at::tensor({1.0f, -2.0f, 0.5f}));
  Adam adam({{"p", p}}, kLearningRate, options(wanted.weight_decay));
  for (size_t t = 0; t < kGradients.size(); ++t) {
    p.mutable_grad() = at::tensor(kGradients[t]).to(p.device());
    adam.step();
    CHECK(difference(p, at::tensor(wanted.after[t]), {2e-7, 0}) == "");
  }
}

// float32 takes the fused loop, float64 and strided parameters the composed operations.
TEST_CASE("fused and composed Adam steps agree with the formula", "[adam][device]") {
  const double weight_decay = GENERATE(0.0, 0.05);
  const at::ScalarType type = GENERATE(at::kFloat, at::kDouble);
  const bool strided = GENERATE(false, true);
  CAPTURE(weight_decay, type, strided);
  at::Tensor start = at::cos(at::arange(40000, at::kDouble)).reshape({200, 200}).to(test_device(), type);
  at::Tensor p = strided ? start.clone().t().requires_grad_() : leaf(start.t());
  const at::Tensor expected = composed_adam(p, options(weight_decay), 5);
  Adam adam({{"p", p}}, kLearningRate, options(weight_decay));
  for (int t = 1; t <= 5; ++t) {
    p.mutable_grad() = gradient(p, t);
    adam.step();
  }
  CHECK(difference(p, expected, {1e-4, 1e-5}) == "");
}

TEST_CASE("a parameter without a gradient is left alone", "[adam][device]") {
  at::Tensor first = leaf(at::ones({2})), second = leaf(at::ones({2}));
  Adam adam({{"first", first}, {"second", second}}, kLearningRate, options(0.1));
  const auto filled = [](at::IntArrayRef sizes, float value) { return at::full(sizes, value).to(test_device()); };
  first.mutable_grad() = filled({2}, 0.5);
  second.mutable_grad() = filled({2}, 0.5);
  adam.step();
  adam.clear_gradients();
  CHECK_FALSE(first.grad().defined());
  second.mutable_grad() = filled({1}, 0.25).expand({2});
  const at::Tensor before = first.detach().clone();
  adam.step();
  CHECK(difference(first, before, kExact) == "");
  const StateDict state = adam.state();
  CHECK(get(state, "step.first").item<int64_t>() == 1);
  CHECK(get(state, "step.second").item<int64_t>() == 2);
}

TEST_CASE("a restored Adam goes on bit by bit", "[adam][device]") {
  at::Tensor p = leaf(at::linspace(-1, 1, 50));
  auto steps = [](Adam& adam, at::Tensor parameter, int from, int to) {
    for (int t = from; t <= to; ++t) {
      parameter.mutable_grad() = gradient(parameter, t);
      adam.step();
    }
  };
  Adam adam({{"p", p}}, kLearningRate, options(0.01));
  steps(adam, p, 1, 3);
  at::Tensor q = leaf(p.detach());
  Adam restored({{"p", q}}, kLearningRate, options(0.01));
  restored.load_state(adam.state());
  steps(adam, p, 4, 6);
  steps(restored, q, 4, 6);
  CHECK(at::equal(p, q));
}

TEST_CASE("the learning rate can change, and scales the step", "[adam][device]") {
  at::Tensor p = leaf(at::zeros({1}));
  Adam adam({{"p", p}}, kLearningRate, options(0));
  adam.set_learning_rate(0.003);
  p.mutable_grad() = at::ones_like(p);
  adam.step();
  CHECK(p.item<float>() == Approx(-0.003f).epsilon(1e-6));
}

TEST_CASE("a state of other parameters is refused", "[adam][device]") {
  Adam adam({{"p", leaf(at::zeros({2}))}}, kLearningRate, options(0));
  CHECK_THROWS_WITH(adam.load_state({}), Contains("exp_avg.p"));
  Adam other({{"p", leaf(at::zeros({3}))}}, kLearningRate, options(0));
  CHECK_THROWS_AS(adam.load_state(other.state()), Error);
}
