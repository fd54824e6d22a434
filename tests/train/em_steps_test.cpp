#include "recommender/train/em_steps.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <utility>

#include "recommender/model/parameters.h"
#include "recommender/train/adam.h"
#include "support/em_fixture.h"

using namespace latentcrs;
using namespace latentcrs::test;

namespace {

constexpr Tolerance kParity{1e-5, 1e-6};
/// An ELBO is what is left when eight terms of up to 0.3 cancel, which float32 rounds to 3e-8 each, there and here.
constexpr Tolerance kElbo{1e-5, 5e-6};
constexpr double kLearningRate = 0.01;

/// The training of a fixture for one epoch (docs/method.md, section 12).
struct Training {
  std::string name;
  LearningRules rules = {};
  bool e_pass = true, m_pass = true;
  double elbo = 1;
  double intents = 1, recommendation = 1;
};

const Training kTrainings[] = {
    {.name = "em_stage_inference", .m_pass = false, .elbo = 0},
    {.name = "em_stage_mstep", .e_pass = false},
    {.name = "em_stage_joint"},
    {.name = "em_stage_joint_same_y_m", .rules = {.fixed_item_map = true}, .intents = 0, .recommendation = 5},
    {.name = "em_gated"},
    {.name = "em_noproj", .recommendation = 5},
    {.name = "em_train_preintent", .rules = {.train_encoders = true}, .elbo = 0, .intents = 0},
};

EmBatch batch_of(const StateDict& state, int i, const EmNetworks& networks) {
  const auto tensor = [&](const char* part) { return get(state, "batch" + std::to_string(i) + "." + part); };
  EmBatch batch;
  batch.posterior_all_states = em_states(networks.posterior->encoder(), tensor("history"));
  batch.posterior_states = batch.posterior_all_states.select(1, -1);
  batch.prior_states = em_states(networks.prior->encoder(), tensor("history")).select(1, -1);
  batch.text = tensor("text");
  batch.items = tensor("pos_neg_items");
  return batch;
}

/// The distance by which rounding may have moved the entries of each parameter that `adam` steps, added up step by
/// step: Adam divides a gradient by its own size, so rounding, which is a share of the parameter's largest gradients,
/// moves the entries with the smallest ones most, but none by more than two steps of the learning rate, one in each
/// direction.
class AllowedDifference {
 public:
  void add_step(const StateDict& adam) {
    const OptimOptions options;
    for (const auto& [key, squares] : adam) {
      if (!key.starts_with("exp_avg_sq.")) continue;
      const std::string name = key.substr(std::string("exp_avg_sq.").size());
      const auto steps = get(adam, "step." + name).item<int64_t>();
      if (std::exchange(steps_[name], steps) == steps) continue;
      const double correction = 1 - std::pow(options.adam_beta2, steps);
      const at::Tensor size = (squares.to(at::kDouble) / correction).sqrt();
      const at::Tensor share = kRounding * size.max() / (size + options.adam_epsilon);
      const at::Tensor moved = kLearningRate * share.clamp_max(2);
      const auto [found, first] = moved_.emplace(name, moved);
      if (!first) found->second = found->second + moved;
    }
  }
  /// The bound for the parameter `name` with the published values.
  at::Tensor of(const std::string& name, const at::Tensor& published) const {
    const at::Tensor stored = 1e-6 + 1e-6 * published.cpu().to(at::kDouble).abs();
    const auto found = moved_.find(name);
    return found == moved_.end() ? stored : stored + found->second;
  }

 private:
  static constexpr double kRounding = 1e-5;  // as for the gradients themselves
  std::map<std::string, int64_t> steps_;
  std::map<std::string, at::Tensor> moved_;
};

AllowedDifference train_epoch(const Training& training, const EmNetworks& networks, const StateDict& state) {
  Adam adam(learnable_parameters(networks, training.rules), kLearningRate, OptimOptions{});
  AllowedDifference allowed;
  const auto pass = [&](Learner learner, const auto& loss_of) {
    choose_learner(networks, learner, training.rules);
    for (int i = 0; i < 3; ++i) {
      const at::Tensor loss = loss_of(batch_of(state, i, networks));
      adam.clear_gradients();
      loss.backward();
      adam.step();
      allowed.add_step(adam.state());
    }
  };
  if (training.e_pass)
    pass(Learner::posterior, [&](const EmBatch& batch) {
      return e_step(networks, batch, {.elbo = training.elbo, .recommendation = 5}).loss;
    });
  if (training.m_pass)
    pass(Learner::prior, [&](const EmBatch& batch) {
      Dropout off = Dropout::off();
      return m_step(networks, batch,
                    {.elbo = training.elbo, .intents = training.intents, .recommendation = training.recommendation},
                    off)
          .loss;
    });
  return allowed;
}

}  // namespace

TEST_CASE("E-step and M-step terms are the published ones", "[device]") {
  for (const Training& training : kTrainings) {
    INFO(training.name);
    const StateDict state = fixture(training.name);
    const EmNetworks networks = em_networks(training.name);
    const EmBatch batch = batch_of(state, 0, networks);
    Dropout off = Dropout::off();

    const EStepTerms e = e_step(networks, batch, {.elbo = 1, .recommendation = 5, .reconstruction = 2});
    CHECK(difference(e.elbo, get(state, "out.elbo_with_y").mean(), kElbo) == "");
    CHECK(difference(e.recommendation, target_cross_entropy(get(state, "out.q_scores")).mean(), kParity) == "");
    CHECK(difference(e.reconstruction, get(state, "out.q_reconstruct_loss"), kParity) == "");
    CHECK(difference(e.loss, -e.elbo + 5 * e.recommendation + 2 * e.reconstruction, kParity) == "");

    const MStepTerms m = m_step(networks, batch, {.elbo = 1, .intents = 3, .recommendation = 2}, off);
    CHECK(difference(m.elbo, get(state, "out.elbo").mean(), kElbo) == "");
    CHECK(difference(m.intents, get(state, "out.m_infonce"), kParity) == "");
    CHECK(difference(m.recommendation, get(state, "out.m_rec_loss"), kParity) == "");
    CHECK(difference(m.loss, -m.elbo + 3 * m.intents + 2 * m.recommendation, kParity) == "");
  }
}

TEST_CASE("per-user terms are the published ones", "[device]") {
  const StateDict state = fixture("em_stage_joint");
  const at::Tensor q = get(state, "out.q_m_u"), p = get(state, "out.p_m_ux"), r_target = get(state, "out.y_m_target");
  CHECK(difference(elbo(q, p), get(state, "out.elbo"), kElbo) == "");
  CHECK(difference(elbo(q, p_tilde(r_target, p)), get(state, "out.elbo_with_y"), kElbo) == "");

  // The published variant with negatives, which training does not use, from the same r_m(y).
  const EmNetworks networks = em_networks("em_stage_joint");
  const at::Tensor items = networks.prior->item_table()
                               .detach()
                               .index_select(0, get(state, "batch0.pos_neg_items").reshape({-1}))
                               .view({8, 11, 16});
  const at::Tensor r = at::matmul(items, networks.prior->item_vectors().detach().t());
  const at::Tensor likelihood = at::softmax(r, 1).select(1, 0);
  const at::Tensor expected = (q * (at::log_softmax(likelihood * p, -1) - (q + 1e-5).log())).sum(-1);
  CHECK(difference(expected, get(state, "out.elbo_with_y_negative"), kElbo) == "");
}

TEST_CASE("one epoch of every published stage gives the published weights", "[device]") {
  for (const Training& training : kTrainings) {
    INFO(training.name);
    const StateDict state = fixture(training.name);
    const EmNetworks networks = em_networks(training.name);
    const AllowedDifference allowed = train_epoch(training, networks, state);
    const auto check = [&](const torch::nn::Module& network, const std::string& prefix) {
      for (const auto& [name, tensor] : parameters_of(network)) {
        INFO(prefix + name);
        const at::Tensor& published = get(state, "after." + prefix + name);
        // A key's bias shifts all scores of a softmax alike: its gradient is zero but for rounding, which Adam scales
        // up to steps of the learning rate.
        if (name.ends_with("key.bias")) {
          CHECK(difference(tensor, published, {0, 3 * 2 * kLearningRate}) == "");
          continue;
        }
        const at::Tensor excess = (tensor.cpu() - published.cpu()).abs() / allowed.of(prefix + name, published);
        CHECK(excess.max().item<double>() <= 1);
      }
    };
    check(*networks.posterior, "posterior.");
    check(*networks.prior, "prior.");
  }
}

TEST_CASE("a small step against the gradient lowers each pass's loss by what the gradient says", "[device]") {
  const StateDict state = fixture("em_stage_joint");
  for (const Learner learner : {Learner::posterior, Learner::prior}) {
    const EmNetworks networks = em_networks("em_stage_joint");
    const auto loss_of = [&] {
      const EmBatch batch = batch_of(state, 0, networks);
      Dropout off = Dropout::off();
      return learner == Learner::posterior
                 ? e_step(networks, batch, {.elbo = 1, .recommendation = 5, .reconstruction = 2}).loss
                 : m_step(networks, batch, {.elbo = 1, .intents = 3, .recommendation = 2}, off).loss;
    };
    choose_learner(networks, learner, {});
    const at::Tensor before = loss_of();
    before.backward();
    double squares = 0;
    const auto parameters = learnable_parameters(networks, {});
    for (const auto& [name, parameter] : parameters)
      if (parameter.grad().defined()) squares += parameter.grad().pow(2).sum().item<double>();
    const double fall = 1e-3 * std::abs(before.item<double>());  // a thousand times what rounding changes
    for (const auto& [name, parameter] : parameters)
      if (parameter.grad().defined()) parameter.detach().sub_(parameter.grad() * (fall / squares));
    CHECK(before.item<double>() - loss_of().item<double>() == Approx(fall).epsilon(0.1));
  }
}

TEST_CASE("a term without weight is not computed") {
  const EmNetworks networks = em_networks("em_stage_joint");
  EmBatch batch = batch_of(fixture("em_stage_joint"), 0, networks);
  batch.posterior_all_states = batch.prior_states = batch.text =
      at::Tensor();  // an E-step without ELBO needs none of them
  const EStepTerms e = e_step(networks, batch, {.elbo = 0, .recommendation = 1});
  CHECK(e.recommendation.defined());
  CHECK_FALSE(e.elbo.defined());
  CHECK_FALSE(e.reconstruction.defined());
}

TEST_CASE("with a catalogue the recommendation terms are cross-entropies over all items", "[device]") {
  const EmNetworks networks = em_networks("em_stage_joint");
  EmBatch batch = batch_of(fixture("em_stage_joint"), 0, networks);
  Dropout off = Dropout::off();
  const int64_t rows = networks.prior->item_table().size(0);
  batch.catalogue = at::arange(1, rows, batch.items.options());
  const auto over_all_items = [&](const at::Tensor& vectors, const at::Tensor& table) {
    const at::Tensor scores = at::matmul(vectors, table.slice(0, 1).t());
    return at::cross_entropy_loss(scores.detach(), batch.items.select(1, 0) - 1);
  };
  const at::Tensor q = networks.posterior->q_m(batch.posterior_states);
  const at::Tensor s_q = over_all_items(networks.posterior->user_vectors(q) / 2, networks.posterior->item_table());
  const EStepTerms e = e_step(networks, batch, {.elbo = 0, .recommendation = 5, .temperature = 2});
  CHECK(difference(e.recommendation.detach(), s_q, kParity) == "");

  const at::Tensor p = networks.prior->p_m(batch.prior_states, batch.text, off);
  const at::Tensor with_text =
      over_all_items(networks.prior->user_vectors(p, batch.prior_states), networks.prior->item_table());
  const MStepTerms m = m_step(networks, batch, {.elbo = 0, .recommendation = 1}, off);
  CHECK(difference(m.recommendation.detach(), with_text, kParity) == "");
}

TEST_CASE("elbo by hand") {
  // q = (1/4, 3/4), p = (1/2, 1/2): 1/4 ln 2 + 3/4 ln(2/3), the 1e-5 aside.
  const at::Tensor q = at::tensor({0.25f, 0.75f}).unsqueeze(0), p = at::tensor({0.5f, 0.5f}).unsqueeze(0);
  CHECK(elbo(q, p).item<double>() == Approx(0.25 * std::log(2.0) + 0.75 * std::log(2.0 / 3)).epsilon(1e-4));
  // Scores ln 3 against 0: the target has probability 3/4.
  CHECK(target_cross_entropy(at::tensor({std::log(3.0f), 0.0f}).unsqueeze(0)).item<double>() ==
        Approx(-std::log(0.75)).epsilon(1e-5));
}

TEST_CASE("a pass records gradients for what it may change and nothing else") {
  const EmNetworks networks = em_networks("em_stage_joint");
  const auto learning = [&] {
    std::vector<std::string> names;
    for (const auto& p : networks.posterior->named_parameters())
      if (p.value().requires_grad()) names.push_back("posterior." + p.key());
    for (const auto& p : networks.prior->named_parameters())
      if (p.value().requires_grad()) names.push_back("prior." + p.key());
    return names;
  };
  choose_learner(networks, Learner::posterior, {});
  CHECK(learning() == std::vector<std::string>{"posterior.intent_embedding", "posterior.linear_query.weight",
                                               "posterior.linear_query.bias", "posterior.linear_key.weight",
                                               "posterior.linear_key.bias", "posterior.linear_value.weight",
                                               "posterior.linear_value.bias"});
  choose_learner(networks, Learner::prior, {.fixed_item_map = true});
  for (const std::string& name : learning()) {
    CHECK(name.starts_with("prior."));
    CHECK(name.find("linear_intent") == std::string::npos);
    CHECK(name.find("user_sequence_model") == std::string::npos);
  }
  choose_learner(networks, Learner::prior, {.train_encoders = true});
  CHECK(networks.prior->item_table().requires_grad());
  CHECK_FALSE(networks.posterior->item_table().requires_grad());
}
