#include "recommender/train/next_item_losses.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/variable.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>

#include "base/config/next_item_loss_names.h"
#include "base/util/random.h"
#include "support/tensors.h"

using namespace latentcrs;
using namespace latentcrs::test;

namespace {

at::Tensor leaf(const at::Tensor& value) { return value.detach().clone().set_requires_grad(true); }
at::Tensor ids(const std::vector<int64_t>& values) { return at::tensor(values, at::kLong).to(test_device()); }
at::Tensor column(const std::vector<float>& values) { return at::tensor(values).unsqueeze(1).to(test_device()); }
at::Tensor ones(at::IntArrayRef sizes) { return at::ones(sizes).to(test_device()); }

at::Tensor normal(at::IntArrayRef sizes, Rng& rng) {
  at::Tensor tensor = at::empty(sizes);
  for (int64_t i = 0; i < tensor.numel(); ++i) tensor.data_ptr<float>()[i] = static_cast<float>(rng.normal());
  return tensor.to(test_device());
}

at::Tensor drawn(at::IntArrayRef sizes, int64_t rows, Rng& rng) {
  at::Tensor tensor = at::empty(sizes, at::kLong);
  for (int64_t i = 0; i < tensor.numel(); ++i)
    tensor.data_ptr<int64_t>()[i] = static_cast<int64_t>(1 + rng.below(static_cast<uint64_t>(rows - 1)));
  return tensor.to(test_device());
}

/// Some positions and an item table whose rows but the first are items.
struct Positions {
  at::Tensor states, items, targets;

  Positions(int64_t count, int64_t rows, int64_t width) {
    Rng rng(17);
    states = normal({count, width}, rng);
    items = normal({rows, width}, rng);
    targets = drawn({count}, rows, rng);
  }
  at::Tensor catalogue() const { return at::arange(1, items.size(0), targets.options()); }
};

using Loss = std::function<at::Tensor(const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets)>;

struct Outcome {
  at::Tensor loss, states_gradient, items_gradient;
};

/// The loss and the gradients of three times it.
Outcome outcome(const Loss& loss, const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets) {
  const at::Tensor s = leaf(states), i = leaf(items);
  const at::Tensor value = loss(s, i, targets);
  (3 * value).backward();
  return {value.detach(), s.grad(), i.grad()};
}

void check_close(const Outcome& a, const Outcome& b, double tolerance) {
  const auto near = [&](const at::Tensor& x, const at::Tensor& y) {
    return difference(x, y, {tolerance, tolerance * y.abs().max().item<double>()});
  };
  CHECK(near(a.loss, b.loss) == "");
  CHECK(near(a.states_gradient, b.states_gradient) == "");
  CHECK(near(a.items_gradient, b.items_gradient) == "");
}

/// The same in float32 and float64 as a formulation in LibTorch's operators.
void check_against(const Loss& ours, const Loss& plain, const Positions& p) {
  const at::Tensor states = p.states.to(at::kDouble), items = p.items.to(at::kDouble);
  const Outcome expected = outcome(plain, states, items, p.targets);
  check_close(outcome(ours, states, items, p.targets), expected, 1e-11);
  check_close(outcome(ours, p.states, p.items, p.targets), expected, 1e-5);
}

void check_same_bits_for_any_threads(const Loss& loss, const Positions& p) {
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const Outcome one = outcome(loss, p.states, p.items, p.targets);
  for (const int n : {2, 3}) {
    at::set_num_threads(n);
    const Outcome more = outcome(loss, p.states, p.items, p.targets);
    CHECK(at::equal(one.loss, more.loss));
    CHECK(at::equal(one.states_gradient, more.states_gradient));
    CHECK(at::equal(one.items_gradient, more.items_gradient));
  }
  at::set_num_threads(threads);
}

Loss softmax_against(const at::Tensor& others) {
  return [others](const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets) {
    return softmax_loss(states, items, targets, others);
  };
}

Loss gbce_against(const at::Tensor& negatives, double beta) {
  return [rows = negatives.to(at::kInt), beta](const at::Tensor& states, const at::Tensor& items,
                                               const at::Tensor& targets) {
    return gbce_loss(states, items, targets, rows, beta);
  };
}

at::Tensor plain_softmax(const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets) {
  return at::cross_entropy_loss(at::mm(states, items.slice(0, 1).t()), targets - 1);
}

Loss plain_gbce(const at::Tensor& negatives, double beta) {
  return [=](const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets) {
    const at::Tensor rows = at::cat({targets.unsqueeze(1), negatives}, 1);
    const at::Tensor logits =
        at::bmm(items.index_select(0, rows.flatten()).view({rows.size(0), rows.size(1), -1}), states.unsqueeze(2))
            .squeeze(2);
    const at::Tensor own = -at::log_sigmoid(logits.slice(1, 0, 1)), foreign = -at::log_sigmoid(-logits.slice(1, 1));
    return at::cat({beta * own, foreign}, 1).mean();
  };
}

}  // namespace

TEST_CASE("binary cross-entropy has the published value and gradients", "[next_item_losses][parity][device]") {
  const StateDict fixture = test::fixture("sasrec");
  const at::Tensor items = leaf(get(fixture, "param.item_embeddings.weight"));
  const at::Tensor states = leaf(get(fixture, "sequence_output"));
  const at::Tensor positive = get(fixture, "target_pos");
  const at::Tensor rows = positive.flatten().nonzero().flatten();
  const auto at_rows = [&](const char* name) { return get(fixture, name).flatten().index_select(0, rows); };
  const at::Tensor loss = bce_loss(states_at(states, rows), items, at_rows("target_pos"), at_rows("target_neg"));
  CHECK(difference(loss, get(fixture, "bce_loss"), {1e-5, 0}) == "");
  loss.backward();
  CHECK(items.grad()[0].abs().max().item<float>() == 0);
  CHECK(states.grad().abs().sum(-1).gt(0).eq(positive.gt(0)).all().item<bool>());
}

TEST_CASE("the table of losses has the names of the settings", "[next_item_losses]") {
  REQUIRE(kNextItemLosses.size() == kNextItemLossNames.size());
  for (size_t i = 0; i < kNextItemLosses.size(); ++i) {
    CHECK(kNextItemLosses[i]->name == kNextItemLossNames[i]);
    CHECK(&next_item_loss(kNextItemLossNames[i]) == kNextItemLosses[i]);
  }
  CHECK_THROWS_WITH(next_item_loss("hinge"), Catch::Contains("hinge"));
}

TEST_CASE("each loss names its negatives", "[next_item_losses]") {
  PretrainOptions options;
  options.num_negatives = 7;
  const auto plan = [&](const char* name) {
    options.loss = name;
    return negatives_of(options);
  };
  CHECK(plan("bce").source == NegativeSource::unseen_rows);
  CHECK(plan("bce").count == 1);
  CHECK(plan("softmax").source == NegativeSource::none);
  CHECK(plan("sampled_softmax").source == NegativeSource::items);
  CHECK(plan("sampled_softmax").count == 7);
  CHECK(plan("gbce").source == NegativeSource::other_items);
  CHECK(plan("gbce").count == 7);
  CHECK(plan("gbce").setting == "pretrain.loss=gbce");
}

TEST_CASE("the value of each loss of the table by hand", "[next_item_losses][device]") {
  // h = 1; rows 1, 2, 3 have logits 0, ln 2, ln 3, and row 3 is the target. The last row is the mask's.
  PretrainOptions options;
  options.num_negatives = 2;
  options.gbce_t = 0;  // beta = 1
  NextItemBatch batch{.states = ones({1, 1}),
                      .items = column({50, 0, std::log(2.0f), std::log(3.0f), 70}),
                      .targets = ids({3}),
                      .catalogue = ids({1, 2, 3}),
                      .negatives = {},
                      .weights = {},
                      .offsets = {}};
  const auto check = [&](const char* name, const at::Tensor& negatives, double expected) {
    INFO(name);
    batch.negatives = negatives;
    CHECK(next_item_loss(name).value(batch, options).item<double>() == Approx(expected));
  };
  check("softmax", {}, std::log(2.0));                       // 3/6
  check("sampled_softmax", ids({2, 2}), std::log(7.0 / 3));  // 3/(3+2+2)
  options.correct_sampling = true;
  check("sampled_softmax", ids({2}), std::log(3.0));        // one of three was drawn: 3/(3+2*3)
  check("sampled_softmax", ids({2, 3}), std::log(2.0));     // 3/(3+2*3/2)
  check("sampled_softmax", ids({1, 2, 3}), std::log(2.0));  // each of the three once: as softmax
  // sigmoid(ln 3) = 3/4; 1 - sigmoid is 1/2 for row 1 and 1/3 for row 2.
  check("bce", ids({1}).to(at::kInt).unsqueeze(0), -std::log(0.75) - std::log(0.5));
  check("gbce", ids({1, 2}).to(at::kInt).unsqueeze(0), -(std::log(0.75) + std::log(0.5) + std::log(1.0 / 3)) / 3);
}

TEST_CASE("the losses by hand", "[next_item_losses][device]") {
  // h = 1. Row 0 pads, the last row is the mask's; rows 1, 2, 3 have logits 0, ln 2, ln 3: odds 1, 2, 3.
  const at::Tensor items = column({50, 0, std::log(2.0f), std::log(3.0f), 70});
  const at::Tensor states = ones({2, 1}), targets = ids({3, 1});
  const auto value = [](const at::Tensor& loss) { return loss.item<double>(); };
  // Against all: 3/6 and 1/6.
  CHECK(value(softmax_loss(states, items, targets, ids({1, 2, 3}))) == Approx((std::log(2.0) + std::log(6.0)) / 2));
  // Against rows 2 and 2 drawn: 3/(3+2+2) and 1/(1+2+2). A row that is the target itself does not count.
  const double sampled = (std::log(7.0 / 3) + std::log(5.0)) / 2;
  CHECK(value(softmax_loss(states, items, targets, ids({2, 2}))) == Approx(sampled));
  CHECK(value(softmax_loss(ones({1, 1}), items, ids({3}), ids({2, 2, 3, 3}))) == Approx(std::log(7.0 / 3)));
  CHECK(value(softmax_loss(ones({1, 1}), items, ids({3}), ids({3}))) == Approx(0).margin(1e-6));

  // bce: sigmoid(ln 3) = 3/4, sigmoid(0) = 1/2.
  CHECK(value(bce_loss(ones({1, 1}), items, ids({3}), ids({1}))) == Approx(-std::log(0.75) - std::log(0.5)));
  // gbce: the same, the target's term weighted by 0.4; the negatives 1 and 2 have 1 - sigmoid = 1/2 and 1/3.
  const at::Tensor negatives = ids({1, 2}).to(at::kInt).unsqueeze(0);
  CHECK(value(gbce_loss(ones({1, 1}), items, ids({3}), negatives, 0.4)) ==
        Approx(-(0.4 * std::log(0.75) + std::log(0.5) + std::log(1.0 / 3)) / 3));
}

TEST_CASE("gBCE's weight lies between 1 and the sampling rate", "[next_item_losses][device]") {
  // 2 of 4: alpha = 1/2.
  CHECK(gbce_beta(2, 5, 0) == Approx(1));
  CHECK(gbce_beta(2, 5, 1) == Approx(0.5));
  CHECK(gbce_beta(2, 5, 0.75) == Approx(0.5 * (0.75 * (1 - 2) + 2)));
}

TEST_CASE("offsets are added to the logits of softmax", "[next_item_losses]") {
  // Logits 0 of three items with the shares 1/2, 1/4 and 1/4: the loss is -log of the target's share.
  const at::Tensor states = at::zeros({2, 4}).requires_grad_(), items = at::ones({4, 4}).requires_grad_();
  const at::Tensor offsets = at::tensor({0.f, std::log(0.5f), std::log(0.25f), std::log(0.25f)});
  const at::Tensor catalogue = at::arange(1, 4, at::kLong);
  const NextItemBatch batch{.states = states,
                            .items = items,
                            .targets = ids({1, 2}),
                            .catalogue = catalogue,
                            .negatives = {},
                            .weights = {},
                            .offsets = offsets};
  PretrainOptions options;
  options.loss = "softmax";
  const at::Tensor loss = next_item_loss("softmax").value(batch, options);
  CHECK(loss.item<double>() == Approx((std::log(2.0) + std::log(4.0)) / 2));
  loss.backward();
  CHECK(states.grad().sizes() == states.sizes());
  CHECK(items.grad().sizes() == items.sizes());
}

TEST_CASE("the softmax agrees with cross-entropy in value and gradient", "[next_item_losses][device][kernels]") {
  const Positions several_blocks(1100, 300, 20);
  check_against(softmax_against(several_blocks.catalogue()), plain_softmax, several_blocks);
  const Positions groups_of_blocks(4700, 150, 32);
  check_against(softmax_against(groups_of_blocks.catalogue()), plain_softmax, groups_of_blocks);
  const Positions many_items(300, 20001, 4);
  check_against(softmax_against(many_items.catalogue()), plain_softmax, many_items);
  const Positions whole_width(70, 2000, 64);
  check_against(softmax_against(whole_width.catalogue()), plain_softmax, whole_width);
}

TEST_CASE("the offset of the target's logit is in value and gradients", "[next_item_losses][device][kernels]") {
  for (const int64_t rows : {300, 9001}) {  // exponentials are kept, or logits are multiplied twice
    const Positions p(150, rows, 20);
    const Loss ours = [&](const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets) {
      return softmax_loss(states, items, targets, p.catalogue(), {}, std::log(0.01));
    };
    const Loss plain = [](const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets) {
      const at::Tensor logits = at::mm(states, items.slice(0, 1).t());
      const at::Tensor offsets = at::zeros_like(logits).scatter_(1, (targets - 1).unsqueeze(1), std::log(0.01));
      return at::cross_entropy_loss(logits + offsets, targets - 1);
    };
    check_against(ours, plain, p);
  }
}

TEST_CASE("a gradient that nobody wants is not computed, and the others stay", "[next_item_losses][device][kernels]") {
  for (const int64_t rows : {900, 9000}) {  // exponentials are kept, or logits are multiplied twice
    const Positions p(150, rows, 16);
    const Outcome both = outcome(softmax_against(p.catalogue()), p.states, p.items, p.targets);
    const auto close = [](const at::Tensor& a, const at::Tensor& b) {
      return difference(a, b, {3e-6, 3e-6 * b.abs().max().item<double>()}) == "";
    };
    const at::Tensor states = leaf(p.states), items = leaf(p.items);
    const at::Tensor of_states = softmax_loss(states, p.items, p.targets, p.catalogue());
    (3 * of_states).backward();
    CHECK(close(of_states, both.loss));
    CHECK(close(states.grad(), both.states_gradient));
    (3 * softmax_loss(p.states, items, p.targets, p.catalogue())).backward();
    CHECK(close(items.grad(), both.items_gradient));
    CHECK_FALSE(softmax_loss(p.states, p.items, p.targets, p.catalogue()).requires_grad());
  }
}

TEST_CASE("logits far apart keep their softmax", "[next_item_losses][device][kernels]") {
  // The largest logit rises from tile to tile, by more than float32 can hold as an exponential.
  Positions p(40, 3000, 16);
  p.items *= at::linspace(0, 40, 3000).unsqueeze(1).to(p.items.device());
  const Outcome expected = outcome(plain_softmax, p.states.to(at::kDouble), p.items.to(at::kDouble), p.targets);
  check_close(outcome(softmax_against(p.catalogue()), p.states, p.items, p.targets), expected, 1e-4);
}

TEST_CASE("logits in the millions and infinite ones are those of LibTorch", "[next_item_losses][kernels]") {
  const at::Tensor items = column({0, 4e6f, 3e6f, 4e6f, -INFINITY}), state = ones({1, 1}), target = ids({1});
  const Loss loss = softmax_against(ids({1, 2, 3}));
  CHECK(loss(state, items, target).item<double>() == Approx(std::log(2.0)));
  CHECK(loss(state, items, ids({2})).item<double>() == Approx(1e6));
  // An item that is never chosen, and a target that never is.
  CHECK(softmax_loss(state, items, target, ids({1, 2, 3, 4})).item<double>() == Approx(std::log(2.0)));
  CHECK(std::isinf(softmax_loss(state, items, ids({4}), ids({1, 2, 3, 4})).item<double>()));
}

TEST_CASE("the sampled softmax agrees with cross-entropy over its rows", "[next_item_losses][device]") {
  const Positions p(60, 40, 6);
  Rng rng(3);
  const at::Tensor others = std::get<0>(drawn({25}, 40, rng).sort());
  const Loss plain = [&](const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets) {
    const at::Tensor own = (states * items.index_select(0, targets)).sum(1, true);
    const at::Tensor hit = others.unsqueeze(0).eq(targets.unsqueeze(1));
    REQUIRE(hit.any().item<bool>());
    const at::Tensor foreign = at::mm(states, items.index_select(0, others).t()).masked_fill(hit, -INFINITY);
    return at::cross_entropy_loss(at::cat({own, foreign}, 1), at::zeros_like(targets));
  };
  check_against(softmax_against(others), plain, p);
}

TEST_CASE("a catalogue may have gaps", "[next_item_losses][device][kernels]") {
  Positions p(200, 1500, 16);
  p.targets = p.targets.sub(1).div(2, "floor").mul(2).add(1);  // odd rows alone are items
  const at::Tensor catalogue = at::arange(1, 1500, 2, p.targets.options());
  const Loss plain = [&](const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets) {
    return at::cross_entropy_loss(at::mm(states, items.index_select(0, catalogue).t()), targets.div(2, "floor"));
  };
  check_against(softmax_against(catalogue), plain, p);
}

TEST_CASE("gBCE agrees with its formula in value and gradient", "[next_item_losses][device][kernels]") {
  const int64_t width = GENERATE(16, 21, 64);
  const int64_t count = GENERATE(1, 37, 600);
  CAPTURE(width, count);
  const Positions p(150, 90, width);
  Rng rng(4);
  const at::Tensor negatives = drawn({150, count}, 90, rng);
  if (count > 1) REQUIRE(negatives.eq(p.targets.unsqueeze(1)).any().item<bool>());  // a target counts as a negative too
  check_against(gbce_against(negatives, 0.3), plain_gbce(negatives, 0.3), p);
}

TEST_CASE("gBCE's gradients by hand", "[next_item_losses][device][kernels]") {
  // h = 1; rows 1, 2, 3 have logits 0, ln 2, ln 3. The target is row 3, drawn are rows 1 and 3: two terms and the
  // target's, weighted by 0.4. d loss / d logit: (0.4 (3/4 - 1) + 3/4) / 3 for row 3 and 1/2 / 3 for row 1.
  const at::Tensor items = column({50, 0, std::log(2.0f), std::log(3.0f)});
  const Outcome found = outcome(gbce_against(ids({1, 3}).unsqueeze(0), 0.4), ones({1, 1}), items, ids({3}));
  const double third = (0.4 * (0.75 - 1) + 0.75) / 3;
  CHECK(found.loss.item<double>() == Approx(-(0.4 * std::log(0.75) + std::log(0.5) + std::log(0.25)) / 3));
  const at::Tensor slopes = column({0, 1.0f / 6, 0, static_cast<float>(third)});
  CHECK(difference(found.items_gradient, 3 * slopes, {1e-6, 0}) == "");
  CHECK(found.states_gradient.item<double>() == Approx(3 * std::log(3.0) * third));
}

TEST_CASE("a loss is the mean over positions for any size of blocks", "[next_item_losses][device]") {
  const Positions p(4000, 700, 8);
  Rng rng(5);
  const at::Tensor negatives = drawn({4000, 300}, 700, rng);  // more pairs than are looked at at a time
  const auto check = [&](const std::function<Loss(int64_t begin, int64_t end)>& loss_of) {
    Outcome sum{at::zeros({}, p.states.options()), at::zeros_like(p.states), at::zeros_like(p.items)};
    for (int64_t begin = 0; begin < 4000; begin += 100) {
      const auto part = [&](const at::Tensor& t) { return t.slice(0, begin, begin + 100); };
      const Outcome o = outcome(loss_of(begin, begin + 100), part(p.states), p.items, part(p.targets));
      sum.loss += o.loss / 40;
      part(sum.states_gradient).copy_(o.states_gradient / 40);
      sum.items_gradient += o.items_gradient / 40;
    }
    check_close(outcome(loss_of(0, 4000), p.states, p.items, p.targets), sum, 1e-5);
  };
  check([&](int64_t, int64_t) { return softmax_against(p.catalogue()); });
  check([&](int64_t begin, int64_t end) { return gbce_against(negatives.slice(0, begin, end), 0.7); });
}

TEST_CASE("a position of weight 0 changes nothing", "[next_item_losses][device]") {
  const Positions p(70, 50, 6);
  Rng rng(8);
  const at::Tensor negatives = drawn({70, 9}, 50, rng).to(at::kInt);
  at::Tensor weights = ones({70}) / 40;
  weights.slice(0, 40).zero_();
  const auto check = [&](const auto& loss) {  // loss(states, items, targets, rows of the positions, weights)
    const auto of = [&](int64_t count, const at::Tensor& w) {
      const auto first = [&](const at::Tensor& t) { return t.slice(0, 0, count); };
      return outcome(
          [&](const at::Tensor& s, const at::Tensor& i, const at::Tensor& t) { return loss(s, i, t, count, w); },
          first(p.states), p.items, first(p.targets));
    };
    const Outcome mean = of(40, {}), weighted = of(70, weights);
    CHECK(difference(weighted.loss, mean.loss, {1e-6, 0}) == "");
    CHECK(difference(weighted.items_gradient, mean.items_gradient, {1e-5, 1e-7}) == "");
    CHECK(difference(weighted.states_gradient.slice(0, 0, 40), mean.states_gradient, {1e-5, 1e-8}) == "");
    CHECK(weighted.states_gradient.slice(0, 40).eq(0).all().item<bool>());
  };
  check([&](auto& s, auto& i, auto& t, int64_t n, const at::Tensor& w) {
    return bce_loss(s, i, t, negatives.slice(0, 0, n).select(1, 0).to(at::kLong), w);
  });
  check(
      [&](auto& s, auto& i, auto& t, int64_t, const at::Tensor& w) { return softmax_loss(s, i, t, p.catalogue(), w); });
  check([&](auto& s, auto& i, auto& t, int64_t n, const at::Tensor& w) {
    return gbce_loss(s, i, t, negatives.slice(0, 0, n), 0.3, w);
  });
}

TEST_CASE("losses have the same bits for any number of threads", "[next_item_losses][device][kernels]") {
  const Positions p(1300, 1111, 24);
  Rng rng(6);
  check_same_bits_for_any_threads(softmax_against(p.catalogue()), p);
  const Positions many_items(100, 9000, 32);  // in segments, and multiplied twice
  check_same_bits_for_any_threads(softmax_against(many_items.catalogue()), many_items);
  check_same_bits_for_any_threads(softmax_against(std::get<0>(drawn({256}, 1111, rng).sort())), p);
  check_same_bits_for_any_threads(gbce_against(drawn({1300, 64}, 1111, rng), 0.5), p);
}

TEST_CASE("large logits overflow nothing, and NaN is not hidden", "[next_item_losses][device][kernels]") {
  const at::Tensor items = column({0, 300, -300, 299}), targets = ids({1}), other = ids({2});
  const at::Tensor negatives = ids({1, 1}).to(at::kInt).unsqueeze(0);
  for (const float h : {1.0f, -1.0f}) {
    const at::Tensor state = h * ones({1, 1});
    const Outcome softmax = outcome(softmax_against(ids({1, 2, 3})), state, items, targets);
    // 300 against 299 and -300, or the other way round.
    CHECK(softmax.loss.item<double>() == Approx(h > 0 ? std::log1p(std::exp(-1.0)) : 600));
    CHECK(softmax.items_gradient.isfinite().all().item<bool>());
    // Target -300 h, negatives 300 h: both terms are 300, or 0.
    const Outcome gbce = outcome(gbce_against(negatives, 1), state, items, other);
    CHECK(gbce.loss.item<double>() == Approx(h > 0 ? 300 : 0).margin(1e-12));
    CHECK(gbce.items_gradient.isfinite().all().item<bool>());
  }
  // NaN in an item that is nobody's target.
  const at::Tensor spoilt = column({0, 300, NAN, 299});
  CHECK(std::isnan(softmax_loss(ones({1, 1}), spoilt, targets, ids({1, 2, 3})).item<double>()));
  const at::Tensor nan = NAN * ones({1, 1});
  CHECK(std::isnan(softmax_loss(nan, items, targets, ids({1, 2, 3})).item<double>()));
  const at::Tensor leaf_items = leaf(items);
  softmax_loss(ones({1, 1}), leaf_items, targets, ids({1, 2, 3}), NAN * ones({1})).backward();
  CHECK(leaf_items.grad()[3].isnan().all().item<bool>());
  CHECK(std::isnan(gbce_loss(nan, items, targets, negatives, 1).item<double>()));
  CHECK(std::isnan(bce_loss(nan, items, targets, other).item<double>()));
}

TEST_CASE("no position costs nothing; without gradients the values are the same", "[next_item_losses][device]") {
  const Positions none(0, 9, 3), some(5, 9, 3);
  Rng rng(7);
  const at::Tensor negatives = drawn({5, 4}, 9, rng).to(at::kInt);
  const Loss losses[] = {[&](const at::Tensor& s, const at::Tensor& i, const at::Tensor& t) {
                           return bce_loss(s, i, t, at::ones_like(t));
                         },
                         softmax_against(some.catalogue()),
                         [&](const at::Tensor& s, const at::Tensor& i, const at::Tensor& t) {
                           return gbce_loss(s, i, t, negatives.slice(0, 0, t.size(0)), 0.5);
                         }};
  for (const Loss& loss : losses) {
    const Outcome nothing = outcome(loss, none.states, none.items, none.targets);
    CHECK(nothing.loss.item<double>() == 0);
    CHECK(nothing.items_gradient.eq(0).all().item<bool>());
    const at::NoGradGuard no_grad;
    const at::Tensor value = loss(leaf(some.states), some.items, some.targets);
    CHECK_FALSE(value.requires_grad());
    const at::AutoGradMode grad(true);
    CHECK(at::equal(value, outcome(loss, some.states, some.items, some.targets).loss));
  }
}
