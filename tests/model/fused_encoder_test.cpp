// The encoder kernel against the same encoder written with LibTorch's operators.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/variable.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "base/util/error.h"
#include "base/util/random.h"
#include "recommender/model/sasrec.h"

using namespace latentcrs;

namespace {

constexpr int64_t kItems = 40;
constexpr int kMostLayers = 3;

EncoderOptions encoder_options(int layers, int heads, double dropout, Activation activation = Activation::gelu) {
  return {.hidden_size = 32 * heads,
          .num_hidden_layers = layers,
          .num_attention_heads = heads,
          .max_seq_length = 37,
          .hidden_act = activation,
          .hidden_dropout_prob = dropout,
          .attention_probs_dropout_prob = dropout,
          .initializer_range = 0.15};
}

/// Rows of every kind: full, short, a single item, none at all, masked in the middle.
at::Tensor sequences(int64_t rows, int64_t length) {
  Rng rng(7);
  at::Tensor ids = at::zeros({rows, length}, at::kLong);
  for (int64_t b = 0; b < rows; ++b) {
    const auto items = b == 0 ? length : b == 1 ? 1 : b == 2 ? 0 : static_cast<int64_t>(1 + rng.below(length));
    for (int64_t j = length - items; j < length; ++j) {
      const bool masked = b % 3 == 1 && j + 1 < length && rng.uniform() < 0.5;
      ids[b][j] = masked ? 0 : static_cast<int64_t>(1 + rng.below(kItems - 2));
    }
  }
  return ids;
}

struct Outcome {
  at::Tensor states;
  std::vector<std::pair<std::string, at::Tensor>> gradients;
};

Outcome run(const EncoderOptions& options, bool fused, const at::Tensor& ids, const at::Tensor& weights,
            PaddedStates padded = PaddedStates::computed, int64_t first_position = 0) {
  SasRec model(kItems, options, 11);
  for (auto& parameter : model->named_parameters())  // biases and norms too, which start at 0 and 1
    parameter.value().detach().add_(at::sin(at::arange(parameter.value().numel()).view_as(parameter.value())) * 0.05);
  model->set_compute({.fused = fused});
  Dropout dropout(5);
  Outcome outcome{.states = model->forward(ids, dropout, first_position, padded), .gradients = {}};
  (outcome.states * weights).sum().backward();
  for (const auto& parameter : model->named_parameters())
    outcome.gradients.emplace_back(parameter.key(), parameter.value().grad());
  outcome.states = outcome.states.detach();
  return outcome;
}

void check_close(const Outcome& value, const Outcome& expected, const at::Tensor& ids) {
  const at::Tensor difference = (value.states - expected.states).abs();
  const double real_difference = (difference * ids.cumsum(1).gt(0).unsqueeze(-1)).max().item<double>();
  CHECK(real_difference < 1e-5 * expected.states.abs().max().item<double>());
  // Next to -10000 the scores of a padded row are multiples of 2^-10: where one is rounded the other way, a weight of
  // the softmax changes by that share, and the state by less of its size, once a layer.
  const double largest = expected.states.abs().max().item<double>();
  CHECK(difference.max().item<double>() < kMostLayers * std::ldexp(largest, -10));
  CHECK(difference.mean().item<double>() < 1e-5);
  REQUIRE(value.gradients.size() == expected.gradients.size());
  for (size_t i = 0; i < value.gradients.size(); ++i) {
    INFO(value.gradients[i].first);
    const at::Tensor& g = expected.gradients[i].second;
    CHECK((value.gradients[i].second - g).abs().max().item<double>() < 5e-4 * g.abs().max().item<double>() + 1e-4);
  }
}

at::Tensor random_weights(const at::Tensor& ids, int64_t width) {
  Rng rng(3);
  at::Tensor weights = at::empty({ids.size(0), ids.size(1), width});
  for (int64_t i = 0; i < weights.numel(); ++i) weights.data_ptr<float>()[i] = static_cast<float>(rng.normal());
  return weights;
}

}  // namespace

TEST_CASE("the fused encoder computes states and gradients of the composed one, dropout included", "[fused]") {
  const auto [layers, heads, dropout] =
      GENERATE(table<int, int, double>({{1, 1, 0.0}, {2, 2, 0.0}, {2, 2, 0.5}, {3, 1, 0.2}}));
  const EncoderOptions options = encoder_options(layers, heads, dropout);
  const at::Tensor ids = sequences(21, 37);
  const at::Tensor weights = random_weights(ids, options.hidden_size);
  check_close(run(options, true, ids, weights), run(options, false, ids, weights), ids);
}

TEST_CASE("every activation has its own kernel", "[fused]") {
  const auto activation = GENERATE(Activation::gelu, Activation::relu, Activation::swish);
  const EncoderOptions options = encoder_options(1, 2, 0.3, activation);
  const at::Tensor ids = sequences(9, 20);
  const at::Tensor weights = random_weights(ids, options.hidden_size);
  check_close(run(options, true, ids, weights, PaddedStates::computed, 17),
              run(options, false, ids, weights, PaddedStates::computed, 17), ids);
}

TEST_CASE("gradients of real states alone take the short way and are the same", "[fused]") {
  const EncoderOptions options = encoder_options(2, 2, 0.5);
  const at::Tensor ids = sequences(21, 37);
  const at::Tensor real = ids.cumsum(1).gt(0).unsqueeze(-1);
  const at::Tensor weights = random_weights(ids, options.hidden_size) * real;
  const Outcome composed = run(options, false, ids, weights);
  check_close(run(options, true, ids, weights), composed, ids);
  Outcome wanted = composed;
  wanted.states = composed.states * real;
  check_close(run(options, true, ids, weights, PaddedStates::zero), wanted, ids);
  check_close(run(options, false, ids, weights, PaddedStates::zero), wanted, ids);
}

TEST_CASE("the fused encoder gives the same bits for any number of threads", "[fused]") {
  const EncoderOptions options = encoder_options(2, 2, 0.5);
  const at::Tensor ids = sequences(40, 37);
  const at::Tensor weights = random_weights(ids, options.hidden_size);
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const Outcome one = run(options, true, ids, weights);
  at::set_num_threads(3);
  const Outcome three = run(options, true, ids, weights);
  at::set_num_threads(before);
  CHECK(at::equal(one.states, three.states));
  for (size_t i = 0; i < one.gradients.size(); ++i) {
    INFO(one.gradients[i].first);
    CHECK(at::equal(one.gradients[i].second, three.gradients[i].second));
  }
}

TEST_CASE("last_state is the last of all states", "[fused]") {
  SasRec model(kItems, encoder_options(2, 2, 0.0), 11);
  const at::Tensor ids = sequences(21, 30);
  Dropout off = Dropout::off();
  const at::Tensor last = model->forward(ids, off, 7).select(1, -1);
  CHECK(at::allclose(model->last_state(ids), last, 0, 1e-5));
  const at::NoGradGuard no_grad;
  CHECK(at::allclose(model->last_state(ids), last, 0, 1e-5));
}

TEST_CASE("a last state drops what all states drop", "[fused]") {
  SasRec model(kItems, encoder_options(2, 2, 0.5), 11);
  const at::Tensor ids = sequences(21, 30);
  const at::NoGradGuard no_grad;
  Dropout all(5), last(5), other(6);
  const at::Tensor expected = model->forward(ids, all, 7).select(1, -1);
  CHECK(at::allclose(model->forward_last(ids, last, 7), expected, 0, 1e-5));
  CHECK_FALSE(at::allclose(model->forward_last(ids, other, 7), expected, 0, 1e-2));
}

TEST_CASE("a second backward pass through the fused encoder is refused", "[fused]") {
  SasRec model(kItems, encoder_options(1, 1, 0.0), 11);
  Dropout off = Dropout::off();
  const at::Tensor loss = model->forward(sequences(4, 10), off, 27).pow(2).sum();
  loss.backward({}, true);
  CHECK_THROWS_AS(loss.backward(), Error);
}

TEST_CASE("heads of other widths and bfloat16 use the composed encoder", "[fused]") {
  EncoderOptions options = encoder_options(1, 2, 0.0);
  options.hidden_size = 24;
  const at::Tensor ids = sequences(5, 12);
  const at::Tensor weights = random_weights(ids, 24);
  CHECK(at::equal(run(options, true, ids, weights).states, run(options, false, ids, weights).states));

  SasRec model(kItems, encoder_options(2, 2, 0.0), 11);
  Dropout off = Dropout::off();
  const at::Tensor exact = model->forward(ids, off, 0);
  model->set_compute({.precision = Precision::bfloat16});
  const double error = (model->forward(ids, off, 0) - exact).abs().mean().item<double>();
  CHECK(error < 0.05);
  CHECK(error > 1e-5);
}
