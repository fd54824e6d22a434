#include "recommender/model/intent_networks.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <catch2/catch.hpp>
#include <set>

#include "base/util/error.h"
#include "recommender/model/intent_checkpoints.h"
#include "recommender/model/parameters.h"
#include "support/em_fixture.h"
#include "support/log_level.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;

namespace {

constexpr Tolerance kParity{1e-5, 1e-6};
/// A score is a sum of 16 terms of up to 1, which may cancel: float32 rounds it by up to 16 times 6e-8 of their sizes.
constexpr Tolerance kScores{1e-5, 1e-5};

const char* const kFixtures[] = {"em_stage_inference", "em_stage_mstep", "em_stage_joint",    "em_stage_joint_same_y_m",
                                 "em_gated",           "em_noproj",      "em_train_preintent"};

std::set<std::string> names_of(const StateDict& state) {
  std::set<std::string> names;
  for (const auto& [name, tensor] : state) names.insert(name);
  return names;
}

}  // namespace

TEST_CASE("intent networks compute the published distributions and scores", "[device]") {
  const at::NoGradGuard no_grad;
  for (const std::string name : kFixtures) {
    INFO(name);
    const StateDict state = fixture(name);
    EmNetworks networks = em_networks(name);
    const at::Tensor history = get(state, "batch0.history");
    const at::Tensor posterior_states = em_states(networks.posterior->encoder(), history);
    const at::Tensor h = posterior_states.select(1, -1),
                     prior_h = em_states(networks.prior->encoder(), history).select(1, -1);
    Dropout off = Dropout::off();

    const at::Tensor q = networks.posterior->q_m(h);
    const at::Tensor p = networks.prior->p_m(prior_h, get(state, "batch0.text"), off);
    CHECK(difference(q, get(state, "out.q_m_u"), kParity) == "");
    CHECK(difference(p, get(state, "out.p_m_ux"), kParity) == "");

    const at::Tensor items = networks.prior->item_table();
    const at::Tensor targets = items.index_select(0, get(state, "batch0.target"));
    const at::Tensor r_target = at::matmul(targets, networks.prior->item_vectors().t());
    CHECK(difference(r_target, get(state, "out.y_m_target"), kParity) == "");
    CHECK(difference(at::softmax(at::softmax(r_target, -1) * p, -1), get(state, "out.m_yux"), kParity) == "");

    const at::Tensor with_text = at::matmul(networks.prior->user_vectors(p, prior_h), items.t());
    const at::Tensor without_text =
        at::matmul(networks.posterior->user_vectors(q), networks.posterior->item_table().t());
    CHECK(difference(with_text, get(state, "out.scores_with_text"), kScores) == "");
    CHECK(difference(without_text, get(state, "out.scores_without_text"), kScores) == "");
    CHECK(difference(at::matmul(prior_h, items.t()), get(state, "out.scores_user_sequence"), kScores) == "");

    const at::Tensor reconstructed = networks.posterior->user_vectors(networks.posterior->q_m(posterior_states));
    CHECK(difference(at::mse_loss(reconstructed, posterior_states), get(state, "out.q_reconstruct_loss"), kParity) ==
          "");
  }
}

TEST_CASE("add_user_state adds the state with a weight that it decides") {
  const at::NoGradGuard no_grad;
  PriorShape shape = em_prior_shape("em_stage_joint");
  const EmNetworks plain = em_fresh_networks(shape);
  shape.head.add_user_state = true;
  EmNetworks networks = em_fresh_networks(shape);
  const at::Tensor p = at::softmax(at::arange(2 * 8, at::kFloat).view({2, 8}).sin(), 1).to(test_device());
  const at::Tensor h = at::arange(2 * 16, at::kFloat).view({2, 16}).cos().to(test_device());
  const at::Tensor by_intent = plain.prior->user_vectors(p, h);
  CHECK(difference(networks.prior->user_vectors(p, h), by_intent + h, kParity) == "");  // gamma begins with 1
  // w = 0, b = ln 1.5: gamma is 1.5.
  for (auto& parameter : networks.prior->named_parameters())
    if (parameter.key() == "linear_state.bias") parameter.value().fill_(std::log(1.5));
  CHECK(difference(networks.prior->user_vectors(p, h), by_intent + 1.5 * h, kParity) == "");
}

TEST_CASE("a saved checkpoint has exactly the published keys and sizes, and loads again") {
  TempDir folder;
  for (const std::string name : {"em_stage_joint", "em_gated", "em_noproj"}) {
    INFO(name);
    EmNetworks networks = em_networks(name);
    save_posterior(networks.posterior, folder / "x_inference.pt");
    save_prior(networks.prior, folder / "x_prior.pt");
    const StateDict posterior = read_state_dict(folder / "x_inference.pt"),
                    prior = read_state_dict(folder / "x_prior.pt");
    const StateDict published = fixture(name);
    CHECK(names_of(posterior) == names_of(below(published, "posterior.")));
    CHECK(names_of(prior) == names_of(below(published, "prior.")));
    for (const auto& [key, tensor] : prior)
      if (!key.starts_with("y_um_"))  // the published default widths, not the fixture's
        CHECK(tensor.sizes() == get(published, "prior." + key).sizes());

    EmNetworks loaded = em_fresh_networks(em_prior_shape(name), 2);
    load_posterior(loaded.posterior, folder / "x_inference.pt");
    load_prior(loaded.prior, folder / "x_prior.pt");
    for (const auto& [key, tensor] : parameters_of(*loaded.prior))
      CHECK(difference(tensor, get(published, "prior." + key), kExact) == "");
    for (const auto& [key, tensor] : parameters_of(*loaded.posterior))
      CHECK(difference(tensor, get(published, "posterior." + key), kExact) == "");
  }
}

TEST_CASE("unused layers are reported unless they are those that we write") {
  const TempDir dir;
  const LogLevel quiet(latentcrs::log::Level::error);
  const StateDict published = fixture("em_stage_joint");
  EmNetworks networks = em_networks("em_stage_joint");
  save_posterior(networks.posterior, dir / "x_inference.pt");
  save_prior(networks.prior, dir / "x_prior.pt");
  latentcrs::log::add_file(dir / "own.log");
  load_posterior(networks.posterior, dir / "x_inference.pt");
  load_prior(networks.prior, dir / "x_prior.pt");
  CHECK(read_text(dir / "own.log") == "");

  write_state_dict(below(published, "posterior."), dir / "theirs.pt");
  latentcrs::log::add_file(dir / "theirs.log");
  load_posterior(networks.posterior, dir / "theirs.pt");
  CHECK_THAT(read_text(dir / "theirs.log"),
             Catch::Contains("info    ") && Catch::Contains("theirs.pt: 2 weights that nothing is computed with") &&
                 Catch::Contains("debug   ") &&
                 Catch::Contains("projection_user2intent.weight, projection_user2intent.bias"));

  write_state_dict(below(published, "prior."), dir / "theirs.pt");
  load_prior(networks.prior, dir / "theirs.pt");
  CHECK_THAT(read_text(dir / "theirs.log"),
             Catch::Contains("m_ux_layer_norm.0.weight") && Catch::Contains("y_um_linear_value.bias"));

  StateDict state = read_state_dict(dir / "x_prior.pt");  // ours, and a layer that only the published code writes
  state.emplace_back("projection_intent2item.weight", at::ones({16, 16}));
  write_state_dict(state, dir / "more.pt");
  latentcrs::log::add_file(dir / "more.log");
  load_prior(networks.prior, dir / "more.pt");
  CHECK_THAT(read_text(dir / "more.log"), Catch::Contains("projection_intent2item.weight"));
}

TEST_CASE("a checkpoint that does not belong to the network is refused") {
  TempDir folder;
  const StateDict published = fixture("em_stage_joint");
  EmNetworks networks = em_fresh_networks(em_prior_shape("em_gated"));
  const auto refused = [&](const StateDict& state, const std::string& reason) {
    write_state_dict(state, folder / "bad.pt");
    CHECK_THROWS_WITH(load_prior(networks.prior, folder / "bad.pt"), Catch::Contains(reason));
  };
  refused(below(published, "prior."), "prior.m_ux.agg_type=concat (here gated)");

  networks = em_fresh_networks(em_prior_shape("em_stage_joint"));
  StateDict state = below(published, "prior.");
  state.emplace_back("m_ux_linear_query.weight", at::ones({16, 16}));
  refused(state, "prior.m_ux.agg_type=gated (here concat)");
  state = below(published, "prior.");
  state.emplace_back("stray.weight", at::ones({16, 16}));
  refused(state, "this network has no stray.weight");

  state = below(published, "prior.");
  for (auto& [name, tensor] : state)
    if (name == "item_embedding.weight") tensor = tensor + 1;
  refused(state, "differ, but are one tensor");

  state = below(published, "prior.");
  state[0].second = at::full_like(state[0].second, std::nan(""));
  refused(state, "not finite");
}

TEST_CASE("networks of other settings are refused with the settings to give") {
  TempDir folder;
  EmNetworks networks = em_fresh_networks(em_prior_shape("em_stage_joint"));
  PriorShape shape = em_prior_shape("em_stage_joint");
  shape.head.layer_hidden = {24};
  shape.head.text_projection = {20, 12};
  shape.text_width = 30;
  EncoderOptions encoder = em_encoder_options();
  encoder.num_hidden_layers = 3;
  encoder.max_seq_length = 11;
  const at::Tensor centers = em_centers().slice(0, 0, 5);
  save_posterior(PosteriorNetwork(SasRec(40, encoder, 1), centers, 1), folder / "posterior.pt");
  save_prior(PriorNetwork(SasRec(40, encoder, 1), centers, shape, 1), folder / "prior.pt");
  const std::string both =
      "pretrain.encoder.max_seq_length=11 (here 12), pretrain.encoder.num_hidden_layers=3 (here 2), "
      "pretrain.num_intent_clusters=5 (here 8)";
  CHECK_THROWS_WITH(load_posterior(networks.posterior, folder / "posterior.pt"),
                    Catch::Contains("was made with " + both + ": give the same"));
  CHECK_THROWS_WITH(load_prior(networks.prior, folder / "prior.pt"),
                    Catch::Contains("embed.text_embedding_dim=30 (here 24), " + both) &&
                        Catch::Contains("prior.m_ux.layer_hidden=[24] (here [24, 16])") &&
                        Catch::Contains("prior.m_ux.text_projection=[20, 12] (here [20, 16])"));
}

TEST_CASE("the gate of a user does not depend on the batch, the published one does") {
  const at::NoGradGuard no_grad;
  const StateDict state = fixture("em_gated");
  const at::Tensor text = get(state, "batch0.text");
  Dropout off = Dropout::off();
  for (const GateScope scope : {GateScope::user, GateScope::batch}) {
    PriorShape shape = em_prior_shape("em_gated");
    shape.gate = scope;
    EmNetworks networks = em_fresh_networks(shape);
    load_parameters(*networks.prior, below(state, "prior."), "em_gated");
    const at::Tensor h = em_states(networks.prior->encoder(), get(state, "batch0.history")).select(1, -1);
    const at::Tensor in_batch = networks.prior->p_m(h, text, off).slice(0, 0, 1);
    const at::Tensor alone = networks.prior->p_m(h.slice(0, 0, 1), text.slice(0, 0, 1), off);
    CHECK((difference(in_batch, alone, kParity) == "") == (scope == GateScope::user));
  }
}

TEST_CASE("fresh weights are torch.nn.Linear's and come from the seed") {
  EmNetworks a = em_fresh_networks(em_prior_shape("em_stage_joint"), 7),
             b = em_fresh_networks(em_prior_shape("em_stage_joint"), 7),
             c = em_fresh_networks(em_prior_shape("em_stage_joint"), 8);
  const StateDict first = parameters_of(*a.prior), again = parameters_of(*b.prior), other = parameters_of(*c.prior);
  const at::Tensor weight = get(first, "m_ux_projection.0.weight");  // 24 inputs: uniform within 1/√24 = 0.2041
  CHECK(weight.abs().max().item<double>() <= 0.20413);
  CHECK(weight.abs().max().item<double>() > 0.19);
  CHECK(weight.mean().abs().item<double>() < 0.03);
  CHECK(at::equal(weight, get(again, "m_ux_projection.0.weight")));
  CHECK_FALSE(at::equal(weight, get(other, "m_ux_projection.0.weight")));
  CHECK(at::equal(get(first, "intent_embedding"), em_centers()));
}

TEST_CASE("the text projection and its gradient do not depend on the number of threads") {
  PriorShape shape = em_prior_shape("em_stage_joint");
  shape.head.text_projection = {200, 16};  // wide enough to be shared out
  shape.text_width = 150;
  const at::Tensor text = at::arange(3 * 150, at::kFloat).sin().view({3, 150}), h = at::ones({3, 16});
  const int threads = at::get_num_threads();
  std::vector<at::Tensor> p, gradient;
  for (const int n : {1, 2, 3}) {
    at::set_num_threads(n);
    EmNetworks networks = em_fresh_networks(shape);
    Dropout off = Dropout::off();
    p.push_back(networks.prior->p_m(h, text, off));
    p.back().select(1, 0).sum().backward();
    gradient.push_back(networks.prior->named_parameters()["m_ux_projection.0.weight"].grad());
  }
  at::set_num_threads(threads);
  CHECK(gradient[0].abs().max().item<double>() > 0);
  for (const size_t i : {1, 2}) {
    CHECK(difference(p[i], p[0]) == "");
    CHECK(difference(gradient[i], gradient[0]) == "");
  }
}

TEST_CASE("centres of another width and a gate over another width are refused") {
  CHECK_THROWS_WITH(PosteriorNetwork(SasRec(40, em_encoder_options(), 1), at::ones({8, 4}), 1),
                    Catch::Contains("4 columns"));
  PriorShape shape = em_prior_shape("em_gated");
  shape.head.text_projection = {20, 12};
  CHECK_THROWS_WITH(em_fresh_networks(shape), Catch::Contains("agg_type=gated"));
}
