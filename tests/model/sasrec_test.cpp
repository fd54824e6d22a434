#include "recommender/model/sasrec.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/variable.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "base/util/error.h"
#include "recommender/model/parameters.h"
#include "support/tensors.h"

using namespace latentcrs;
using Catch::Contains;

namespace {

const EncoderOptions kSmall{.hidden_size = 16, .max_seq_length = 8, .initializer_range = 0.2};

double relative_error(const at::Tensor& value, const at::Tensor& expected) {
  return ((value - expected).abs().max() / expected.abs().max().clamp_min(1e-12)).item<double>();
}

/// The fixture's tensors whose names start with `prefix`, without it.
StateDict with_prefix(const StateDict& fixture, const std::string& prefix) {
  StateDict state;
  for (const auto& [name, tensor] : fixture)
    if (name.rfind(prefix, 0) == 0) state.emplace_back(name.substr(prefix.size()), tensor);
  return state;
}

at::Tensor states(SasRec& model, const at::Tensor& ids, int64_t first_position = 0) {
  Dropout off = Dropout::off();
  return model->forward(ids, off, first_position);
}

/// States are of the size of 2, whose last digit in float32 is 2.4e-7; the sums behind them may be added up in another
/// order in a batch of another shape. Another item moves a state by more than 0.1.
constexpr double kRounding = 1e-5;

at::Tensor row(std::initializer_list<int64_t> ids) { return at::tensor(std::vector<int64_t>(ids)).unsqueeze(0); }

}  // namespace

TEST_CASE("SASRec computes what the published model computes", "[sasrec][parity][device]") {
  const StateDict fixture = test::fixture("sasrec");
  const auto number = [&](const char* name) { return find(fixture, name)->item<int64_t>(); };
  EncoderOptions options;
  options.hidden_size = static_cast<int>(number("config.hidden_size"));
  options.num_hidden_layers = static_cast<int>(number("config.num_hidden_layers"));
  options.num_attention_heads = static_cast<int>(number("config.num_attention_heads"));
  options.max_seq_length = static_cast<int>(number("config.max_seq_length"));
  SasRec model(number("config.item_size"), options, 1);
  model->to(test::test_device());
  const EncoderCompute compute =
      GENERATE(EncoderCompute{}, EncoderCompute{.fused = false}, EncoderCompute{.fused_attention = true});
  model->set_compute(compute);
  const bool one_kernel = compute.fused_attention && !test::test_device().is_cpu();

  const StateDict published = with_prefix(fixture, "param.");
  CHECK(load_parameters(*model, published, "fixture").empty());
  const StateDict ours = parameters_of(*model);
  REQUIRE(ours.size() == published.size());
  for (size_t i = 0; i < ours.size(); ++i) {
    CHECK(ours[i].first == published[i].first);
    CHECK(at::equal(ours[i].second, published[i].second.cpu()));
  }

  const at::Tensor ids = *find(fixture, "input_ids"), expected = *find(fixture, "sequence_output");
  const at::Tensor output = states(model, ids);
  const at::Tensor is_item = ids.gt(0).unsqueeze(-1);
  CHECK(relative_error(output * is_item, expected * is_item) < 1e-5);
  // Next to -10000 the scores of padded columns are multiples of 2^-10. Where one is rounded the other way, which one
  // in a few thousand is, a weight of the softmax changes by that share, and a padded state by less, once a layer.
  const at::Tensor off = (output - expected).abs() / expected.abs().max();
  CHECK(off.max().item<double>() < options.num_hidden_layers * std::ldexp(1.0, -10));
  CHECK(off.mean().item<double>() < (one_kernel ? 5e-5 : 5e-6));
  CHECK(relative_error(output.select(1, -1).matmul(model->item_table().t()), *find(fixture, "full_scores")) < 1e-5);
  CHECK(relative_error(model->last_state(ids), output.select(1, -1)) < 1e-5);

  const at::Tensor positive = *find(fixture, "target_pos"), negative = *find(fixture, "target_neg");
  const at::Tensor real = positive.gt(0).to(at::kFloat);
  const auto logit = [&](const at::Tensor& to) { return (at::embedding(model->item_table(), to, 0) * output).sum(-1); };
  const at::Tensor loss =
      -((at::log_sigmoid(logit(positive)) + at::log_sigmoid(-logit(negative))) * real).sum() / real.sum();
  CHECK(relative_error(loss, *find(fixture, "bce_loss")) < 1e-5);
  loss.backward();
  const auto get_gradient = [&](const std::string& name) { return test::get(fixture, "grad." + name); };
  for (const auto& [name, gradient] : with_prefix(fixture, "grad.")) {
    INFO(name);
    // The gradient of a key's bias is zero but for rounding: softmax does not change when all scores move alike. Its
    // terms, which cancel, are those that add up in the gradient of the key's weight.
    std::string same_terms = name;
    if (name.ends_with("key.bias")) same_terms.replace(name.size() - 4, 4, "weight");
    const double scale = get_gradient(same_terms).abs().max().item<double>();
    const double error = (model->named_parameters()[name].grad() - gradient).abs().max().item<double>();
    CHECK(error <= (same_terms == name ? 1e-5 : 2e-6) * scale + 2e-8);
  }
}

TEST_CASE("a state does not depend on later items", "[sasrec]") {
  SasRec model(20, kSmall, 5);
  const at::Tensor one = states(model, row({0, 0, 3, 4, 5, 6, 7, 8}));
  const at::Tensor two = states(model, row({0, 0, 3, 4, 5, 9, 0, 11}));
  CHECK(at::allclose(one.slice(1, 2, 5), two.slice(1, 2, 5), 0, kRounding));
  CHECK_FALSE(at::allclose(one.slice(1, 5), two.slice(1, 5), 0, 1e-2));
  // Padded states see every column, later ones too, and are not zero.
  CHECK_FALSE(at::allclose(one.slice(1, 0, 2), two.slice(1, 0, 2), 0, 1e-3));
}

TEST_CASE("the last state does not depend on padding columns or batch mates", "[sasrec]") {
  SasRec model(20, kSmall, 5);
  const at::Tensor alone = model->last_state(row({3, 4, 5}));
  CHECK(at::allclose(alone, states(model, row({0, 0, 0, 0, 0, 3, 4, 5})).select(1, -1), 0, kRounding));
  CHECK(at::allclose(alone, model->last_state(row({0, 0, 3, 4, 5})), 0, kRounding));
  const at::Tensor together = model->last_state(
      at::cat({row({0, 0, 0, 0, 0, 3, 4, 5}), row({1, 2, 3, 4, 5, 6, 7, 8}), row({0, 0, 0, 0, 0, 0, 0, 0})}));
  CHECK(at::allclose(alone[0], together[0], 0, kRounding));
  // The same holds for a user without items.
  CHECK(at::allclose(together[2], model->last_state(at::zeros({2, 8}, at::kLong))[0], 0, kRounding));
  CHECK_FALSE(at::allclose(alone, model->last_state(row({4, 3, 5})), 0, 1e-3));
}

TEST_CASE("dropout changes the states, reproducibly; padding gets no gradient", "[sasrec]") {
  SasRec model(20, kSmall, 5);
  const at::Tensor ids = row({0, 0, 3, 4, 5, 6, 7, 8});
  Dropout one(1), again(1), two(2);
  const at::Tensor a = model->forward(ids, one, 0);
  CHECK(at::equal(a, model->forward(ids, again, 0)));
  CHECK_FALSE(at::allclose(a, model->forward(ids, two, 0), 0, 1e-2));
  a.pow(2).sum().backward();
  CHECK(model->item_table().grad()[0].abs().max().item<float>() == 0);
  CHECK(model->item_table().grad()[3].abs().max().item<float>() > 0);
}

TEST_CASE("initial weights are normal with the given deviation, and follow the seed", "[sasrec]") {
  const EncoderOptions options{.hidden_size = 64, .num_hidden_layers = 1, .initializer_range = 0.02};
  SasRec model(500, options, 3), same(500, options, 3), other(500, options, 4);
  CHECK(model->item_table().std().item<double>() == Approx(0.02).epsilon(0.03));
  CHECK(model->item_table().mean().item<double>() == Approx(0).margin(0.0006));
  CHECK(at::equal(model->item_table(), same->item_table()));
  CHECK_FALSE(at::equal(model->item_table(), other->item_table()));
  const auto parameters = model->named_parameters();
  CHECK(parameters["LayerNorm.weight"].eq(1).all().item<bool>());
  CHECK(parameters["item_encoder.layer.0.attention.query.bias"].eq(0).all().item<bool>());
  CHECK_FALSE(at::equal(parameters["item_encoder.layer.0.attention.query.weight"],
                        parameters["item_encoder.layer.0.attention.key.weight"]));
}

TEST_CASE("sizes that cannot work are refused", "[sasrec]") {
  CHECK_THROWS_WITH(SasRec(20, EncoderOptions{.hidden_size = 10, .num_attention_heads = 4}, 1),
                    Contains("hidden_size=10") && Contains("num_attention_heads=4"));
  SasRec model(20, kSmall, 5);
  CHECK_THROWS_WITH(states(model, at::ones({1, 9}, at::kLong)), Contains("max_seq_length=8"));
}
