#include "recommender/train/em_trainer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "base/util/log.h"
#include "base/util/profile.h"
#include "base/util/random.h"
#include "recommender/eval/em_scores.h"
#include "recommender/model/parameters.h"
#include "recommender/train/validation_ranks.h"
#include "support/log_level.h"
#include "support/statistics.h"
#include "support/tensors.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Contains;
using nlohmann::json;

namespace {

constexpr int kGroups = 3, kGroupSize = 8, kUsers = 48;

at::Tensor random_tensor(at::IntArrayRef sizes, Rng& rng) {
  at::Tensor tensor = at::empty(sizes);
  for (int64_t i = 0; i < tensor.numel(); ++i) tensor.data_ptr<float>()[i] = static_cast<float>(rng.normal());
  return tensor;
}

/// Items of three groups. A user's history comes from all of them; what they say names the group of their target.
struct World {
  Interactions interactions;
  DenseItems items;
  EmExamples train, valid;
  EncoderOptions encoder_options{.hidden_size = 8,
                                 .num_hidden_layers = 1,
                                 .num_attention_heads = 2,
                                 .max_seq_length = 7,
                                 .initializer_range = 0.5};
  EmModel model;
  CoOccurrence pairs{{}, 0};
  std::filesystem::path posterior_file, prior_file;
  StepLaunch launch = StepLaunch::recorded;
  TempDir folder;

  World() {
    Rng rng(5);
    for (int u = 0; u < kUsers; ++u) {
      std::vector<int32_t> sequence;
      while (sequence.size() < 6) {
        const auto item = static_cast<int32_t>(1 + rng.below(kGroups * kGroupSize));
        if (std::find(sequence.begin(), sequence.end(), item) == sequence.end()) sequence.push_back(item);
      }
      interactions.add_user(u + 1, sequence);
    }
    items = make_dense_items(interactions);
    pairs = CoOccurrence(user_items(interactions, items, ItemsOfUsers::training), items.size());
    train = examples(4, rng);
    valid = examples(5, rng);
    SasRec encoder(interactions.max_item_id() + 2, encoder_options, 3);
    {  // Items of a group resemble each other.
      const at::NoGradGuard no_grad;
      at::Tensor& table = encoder->item_table();
      table.copy_(random_tensor(table.sizes(), rng) * 0.3);
      for (int64_t item = 1; item <= kGroups * kGroupSize; ++item) table[item][(item - 1) / kGroupSize] += 1;
    }
    model = {.em = em_options(),
             .items = &items,
             .encoder = parameters_of(*encoder),
             .encoder_options = encoder_options,
             .centers = random_tensor({4, 8}, rng),
             .text_width = kGroups + 2,
             .seed = 11,
             .device = test_device()};
  }

  /// One example a user: the item at `position` after all those before it.
  EmExamples examples(size_t position, Rng& rng) const {
    EmExamples all;
    std::vector<float> text;
    for (int64_t u = 0; u < kUsers; ++u) {
      const auto sequence = interactions.sequence(u);
      std::vector<int32_t> history;
      for (size_t i = u % 3; i < position; ++i) history.push_back(items.dense_from_raw[sequence[i]]);
      all.customer_ids.push_back(std::to_string(u + 1) + "_raw_raw");
      all.users.push_back(u);
      all.histories.add(history);
      all.targets.push_back(items.dense_from_raw[sequence[position]]);
      all.has_text.push_back(1);
      for (int g = 0; g < kGroups; ++g) text.push_back((sequence[position] - 1) / kGroupSize == g ? 2.f : 0.f);
      for (int noise = 0; noise < 2; ++noise) text.push_back(static_cast<float>(0.3 * rng.normal()));
    }
    all.embeddings = at::tensor(text).view({kUsers, kGroups + 2});
    return all;
  }

  static EmOptions em_options() {
    EmOptions em;
    em.batch_size = 20;
    em.eval_batch_size = 32;
    em.neg_sample_size = 4;
    em.learning_rate = 0.01;
    em.e_negative_loss_weight = 1;
    em.m_negative_loss_weight = 1;
    em.m_rec_loss_weight = 1;
    em.prior.m_ux.text_projection = {16, 8};
    em.prior.m_ux.layer_hidden = {12};
    em.prior.m_ux.hidden_dropout_prob = 0.1;
    em.early_stop.patience = 100;
    for (StageOptions& stage : em.stages) stage.epochs = 3;
    return em;
  }

  EmJob job(const std::string& name) const {
    return {.model = model,
            .train = &train,
            .valid = &valid,
            .interactions = &interactions,
            .folder = folder / name,
            .posterior_file = posterior_file,
            .prior_file = prior_file,
            .exp_name = "world",
            .launch = launch,
            .mixture = model.em.score_mixture
                           ? std::optional<MixtureSources>({.pairs = &pairs,
                                                            .item_genres = at::zeros({items.size(), 0}),
                                                            .file = folder / name / "world_mixture.json"})
                           : std::nullopt,
            .save_seconds = 0};
  }
  EmResult run(const std::string& name) const { return train_em(job(name)); }
};

std::vector<json> metrics_without_seconds(const std::filesystem::path& folder) {
  std::vector<json> lines;
  std::istringstream text(read_text(folder / "metrics.jsonl"));
  for (std::string line; std::getline(text, line);) {
    lines.push_back(json::parse(line));
    lines.back().erase("seconds");
  }
  return lines;
}

void check_same_weights(const torch::nn::Module& a, const torch::nn::Module& b) {
  const StateDict expected = parameters_of(b);
  for (const auto& [name, tensor] : parameters_of(a)) {
    INFO(name);
    CHECK(difference(tensor, get(expected, name), kExact) == "");
  }
}

bool same_weights(const StateDict& a, const StateDict& b) {
  bool same = a.size() == b.size();
  for (const auto& [name, tensor] : a) same = same && at::equal(tensor, get(b, name));
  return same;
}

/// An item of the group after that of `dense`.
int32_t in_next_group(const World& world, int32_t dense) {
  const int32_t raw = world.items.raw_from_dense[static_cast<size_t>(dense)];
  return world.items.dense_from_raw[static_cast<size_t>((raw - 1 + kGroupSize) % (kGroups * kGroupSize) + 1)];
}

struct Stop {};

/// Runs with an interruption after `epoch` of `stage`, then to the end.
EmResult run_interrupted(const World& world, const std::string& name, const std::string& stage, int64_t epoch) {
  EmJob job = world.job(name);
  job.on_epoch = [&](const std::string& s, int64_t e) {
    if (s == stage && e == epoch) throw Stop{};
  };
  CHECK_THROWS_AS(train_em(job), Stop);
  CHECK(std::filesystem::exists(job.folder / "state.pt"));
  return train_em(world.job(name));
}

}  // namespace

// A perfect reader of the text leaves 8 of 24 items: HIT@10 1. Chance gives 10/24, and so, about, does the encoder,
// which nothing trained. Over 16 seeds HIT@10 with text was .91 with a standard deviation of .07, and the loss of the
// M-step fell by .94, of .13: six and seven deviations above the bounds here, which four seeds miss with probability
// 2e-5.
TEST_CASE("EM learns what the text says about the target", "[device]") {
  World world;
  for (StageOptions& stage : world.model.em.stages) stage.epochs = 25;
  std::vector<double> reads, falls;
  for (const uint64_t seed : {1, 2, 3, 4}) {
    world.model.seed = seed;
    const std::string name = "learn" + std::to_string(seed);
    world.run(name);
    const std::vector<json> lines = metrics_without_seconds(world.folder / name);
    CHECK(lines.back()["valid"]["sequence_only"]["HIT@10"] < 0.5);
    reads.push_back(lines.back()["valid"]["with_text"]["HIT@10"].get<double>() - 0.5);
    falls.push_back(lines.at(27)["m_step"]["loss"].get<double>() - lines.back()["m_step"]["loss"].get<double>());
  }
  CHECK(lower_bound_99(reads) > 0);
  CHECK(lower_bound_99(falls) > 0);
}

TEST_CASE("a line of metrics for every epoch, and the state until the results are on record", "[device]") {
  World world;
  const EmResult result = world.run("learn");
  const std::vector<json> lines = metrics_without_seconds(world.folder / "learn");
  REQUIRE(lines.size() == 3 * 4);  // epoch 0 is before training
  CHECK(lines[5]["em_stage"] == "prior");

  REQUIRE(result.stages.size() == 3);
  CHECK(result.stages[1].name == "prior");
  CHECK(result.stages[1].epochs == 3);
  const auto best = static_cast<size_t>(4 + result.stages[1].best_epoch);
  CHECK(lines[best]["valid"]["with_text"]["NDCG@10"] == result.stages[1].best_score);
  // Until the caller has put the results on record, a kill must not cost the training.
  CHECK(std::filesystem::exists(world.folder / "learn/state.pt"));
}

TEST_CASE("a stage of 0 epochs is skipped: its networks are those it began with") {
  World world;
  world.model.em.stages[1].epochs = 0;  // prior
  const EmResult result = world.run("skipped");
  const auto weights = [&](const std::string& file) { return read_state_dict(world.folder / "skipped" / file); };
  CHECK(same_weights(weights("world_prior_prior.pt"), weights("world_posterior_prior.pt")));
  CHECK(same_weights(weights("world_prior_inference.pt"), weights("world_posterior_inference.pt")));
  CHECK_FALSE(same_weights(weights("world_joint_prior.pt"), weights("world_prior_prior.pt")));
  REQUIRE(result.stages.size() == 3);
  CHECK(result.stages[1].epochs == 0);
  CHECK(result.stages[1].best_epoch == 0);
  const std::vector<json> lines = metrics_without_seconds(world.folder / "skipped");
  REQUIRE(lines.size() == 4 + 1 + 4);
  CHECK(lines[4]["em_stage"] == "prior");
  CHECK(lines[4]["epoch"] == 0);
  CHECK(lines[4]["valid"]["with_text"]["NDCG@10"] == result.stages[1].best_score);

  const EmResult resumed = run_interrupted(world, "resumed", "posterior", 2);
  check_same_weights(*resumed.networks.prior, *result.networks.prior);
  for (StageOptions& stage : world.model.em.stages) stage.epochs = 0;
  const EmNetworks fresh = make_em_networks(world.model);
  check_same_weights(*world.run("untrained").networks.prior, *fresh.prior);
}

TEST_CASE("a stage begins with the scores of the networks that it begins with") {
  for (const bool same_map : {false, true}) {
    CAPTURE(same_map);
    World world;
    world.model.em.same_y_m = same_map;
    world.run("starts");
    const std::vector<json> lines = metrics_without_seconds(world.folder / "starts");
    EmNetworks networks = load_em_networks(world.model, world.folder / "starts/world_posterior_inference.pt",
                                           world.folder / "starts/world_posterior_prior.pt");
    if (same_map) networks.prior->copy_item_map(*networks.posterior);
    EmSplit valid(world.valid, world.model);
    valid.compute_states(networks, world.model.em.eval_batch_size);
    ValidationRanks ranks;
    ranks.complete(networks, valid.users(), {.seen_items = world.job("starts").seen_items});
    CHECK(lines.at(4)["em_stage"] == "prior");
    CHECK(lines.at(4)["valid"] == ranks.metrics());
  }
}

TEST_CASE("the validation users are ranked only by networks that changed since") {
  World world;
  for (StageOptions& stage : world.model.em.stages) stage.epochs = 1;  // so that the last epoch is the best
  profile::Recorder recorder("train");
  world.run("ranked");
  std::map<std::string, int64_t> calls;
  for (const profile::Part& part : recorder.finish().parts) calls[part.name] += part.calls;
  CHECK(calls["with text"] == 3);     // at the start, and after the epochs of the prior and joint stages
  CHECK(calls["without text"] == 3);  // at the start, and after the epochs of the posterior and joint stages
  CHECK(calls["sequence only"] == 1);
}

TEST_CASE("a stage trains its own network and begins with the best of those before") {
  World world;
  const EmResult result = world.run("stages");
  const auto weights = [&](const std::string& file) { return read_state_dict(world.folder / "stages" / file); };
  EmNetworks fresh = make_em_networks(world.model);
  const StateDict prior = weights("world_posterior_prior.pt");
  for (const auto& [name, tensor] : parameters_of(*fresh.prior)) CHECK(at::equal(tensor, get(prior, name)));
  CHECK(same_weights(weights("world_posterior_inference.pt"), weights("world_prior_inference.pt")));
  CHECK_FALSE(same_weights(weights("world_posterior_prior.pt"), weights("world_prior_prior.pt")));
  CHECK_FALSE(same_weights(weights("world_prior_inference.pt"), weights("world_joint_inference.pt")));
  CHECK(same_weights(weights("world_joint_inference.pt"), weights("world_inference.pt")));
  CHECK(same_weights(weights("world_joint_prior.pt"), weights("world_prior.pt")));

  const EmNetworks loaded =
      load_em_networks(world.model, world.folder / "stages/world_inference.pt", world.folder / "stages/world_prior.pt");
  check_same_weights(*loaded.posterior, *result.networks.posterior);
  check_same_weights(*loaded.prior, *result.networks.prior);
  // Frozen encoders are the pretrained one in the order of the dense ids.
  const at::Tensor raw = get(world.model.encoder, "item_embeddings.weight");
  for (const int64_t dense : {0, 1, 17})
    CHECK(at::equal(loaded.prior->item_table()[dense].detach(), raw[world.items.raw_from_dense[dense]]));
}

TEST_CASE("EM steps recorded as graphs give the bits of steps that are run", "[device]") {
  World world;
  world.model.em.full_catalogue_loss = GENERATE(false, true);
  world.model.em.train_preintent = GENERATE(false, true);
  const EmResult recorded = world.run("recorded");
  world.launch = StepLaunch::one_by_one;
  const EmResult run = world.run("run");
  check_same_weights(*recorded.networks.posterior, *run.networks.posterior);
  check_same_weights(*recorded.networks.prior, *run.networks.prior);
}

TEST_CASE("an interrupted run gives the bits of an uninterrupted one", "[device]") {
  World world;
  const auto check = [&](const std::string& name) {
    const EmResult whole = world.run(name);
    for (const auto& [stage, epoch] : {std::pair{"posterior", 2}, {"posterior", 3}, {"prior", 1}, {"joint", 2}}) {
      const std::string again = name + "-" + stage + std::to_string(epoch);
      INFO(again);
      const EmResult resumed = run_interrupted(world, again, stage, epoch);
      check_same_weights(*resumed.networks.posterior, *whole.networks.posterior);
      check_same_weights(*resumed.networks.prior, *whole.networks.prior);
      CHECK(metrics_without_seconds(world.folder / name) == metrics_without_seconds(world.folder / again));
      REQUIRE(resumed.stages.size() == 3);
      for (size_t i = 0; i < 3; ++i) CHECK(resumed.stages[i].best_score == whole.stages[i].best_score);
      CHECK(read_text(world.folder / name / "world_prior.pt") == read_text(world.folder / again / "world_prior.pt"));
    }
  };
  SECTION("frozen encoders") { check("frozen"); }
  SECTION("frozen encoders without dropout") {
    world.model.em.frozen_encoder_dropout = false;
    check("constant");
  }
  SECTION("trained encoders, reconstruction, W_i fixed, a schedule") {
    world.model.em.train_preintent = true;
    world.model.em.lambda_reconstruct = 0.1;
    world.model.em.same_y_m = true;
    world.model.em.scheduler = {.enabled = true, .start_factor = 1, .end_factor = 0.1, .total_iters = 2};
    check("trained");
  }
  SECTION("short histories, popularity taken out, the user's state added") {
    world.model.em.short_histories = {.most = 2, .empty = 0.3, .likeness = 4};
    world.model.em.popularity_discount = 0.5;
    world.model.em.prior.m_ux.add_user_state = true;
    world.model.em.score_mixture = true;
    check("short");
    CHECK(read_text(world.folder / "short/world_mixture.json") ==
          read_text(world.folder / "short-prior1/world_mixture.json"));
    const MixtureWeights weights = read_mixture(world.folder / "short/world_mixture.json");
    CHECK(weights[0][0] > 0);  // the words tell the group of the target
    CHECK(weights[1][0] == 0);
  }
  SECTION("published semantics") {
    world.model.compat.batch_width_positions = true;
    world.model.compat.fixed_negatives = true;
    world.model.compat.rank_non_items = true;
    check("published");
  }
}

TEST_CASE("every loss term counts with the weight of its setting, from the epoch of its setting") {
  World world;
  world.model.em.stages = {{.name = "joint", .only_rec_epoch = 1, .epochs = 2, .stopbywhich = "MStep"}};
  world.model.em.validation_first = false;
  world.model.em.e_negative_loss_weight = 2;
  world.model.em.m_negative_loss_weight = 3;
  world.model.em.m_rec_loss_weight = 5;
  world.model.em.lambda_reconstruct = 0.5;
  world.run("weights");
  const std::vector<json> lines = metrics_without_seconds(world.folder / "weights");
  const auto term = [&](size_t line, const char* step, const char* name) {
    return lines.at(line).at(step).at(name).get<double>();
  };
  CHECK_FALSE((lines[0]["e_step"].contains("elbo") || lines[0]["m_step"].contains("elbo")));
  CHECK_FALSE(lines[0]["m_step"].contains("intents"));
  CHECK(term(0, "e_step", "loss") ==
        Approx(2 * term(0, "e_step", "recommendation") + 0.5 * term(0, "e_step", "reconstruction")));
  CHECK(term(0, "m_step", "loss") == Approx(5 * term(0, "m_step", "recommendation")));
  CHECK(term(1, "e_step", "loss") == Approx(-term(1, "e_step", "elbo") + 2 * term(1, "e_step", "recommendation") +
                                            0.5 * term(1, "e_step", "reconstruction")));
  CHECK(term(1, "m_step", "loss") == Approx(-term(1, "m_step", "elbo") + 3 * term(1, "m_step", "intents") +
                                            5 * term(1, "m_step", "recommendation")));

  world.model.em.neg_loss_temp = 1e6;  // all items look alike
  world.run("temperature");
  const json flat = metrics_without_seconds(world.folder / "temperature")[0];
  CHECK(flat["e_step"]["recommendation"].get<double>() == Approx(std::log(kGroups * kGroupSize)).epsilon(1e-5));
  CHECK(term(0, "e_step", "recommendation") != Approx(std::log(kGroups * kGroupSize)).epsilon(1e-5));
}

TEST_CASE("the settings for conversations change what EM learns") {
  World world;
  world.model.em.stages = {{.name = "joint", .epochs = 2, .stopbywhich = "MStep"}};
  const StateDict plain = parameters_of(*world.run("plain").networks.prior);
  const auto trained = [&](const std::string& name, auto change) {
    World other;
    other.model.em.stages = world.model.em.stages;
    change(other.model.em);
    return parameters_of(*other.run(name).networks.prior);
  };
  CHECK(same_weights(trained("again", [](EmOptions&) {}), plain));
  CHECK_FALSE(same_weights(trained("short", [](EmOptions& em) { em.short_histories = {2, 0, 0}; }), plain));
  CHECK_FALSE(same_weights(trained("empty",
                                   [](EmOptions& em) {
                                     em.short_histories = {2, 1, 0};
                                   }),
                           trained("not empty", [](EmOptions& em) {
                             em.short_histories = {2, 0, 0};
                           })));
  CHECK_FALSE(same_weights(trained("alike",
                                   [](EmOptions& em) {
                                     em.short_histories = {2, 0, 4};
                                   }),
                           trained("any", [](EmOptions& em) {
                             em.short_histories = {2, 0, 0};
                           })));
  CHECK_FALSE(same_weights(trained("discount", [](EmOptions& em) { em.popularity_discount = 0.5; }), plain));
  const StateDict with_state = trained("state", [](EmOptions& em) { em.prior.m_ux.add_user_state = true; });
  CHECK(with_state.size() == plain.size() + 2);
  CHECK(get(with_state, "linear_state.weight").abs().max().item<float>() > 0);  // it is learned
}

TEST_CASE("users without an item all have the state of one about whom nothing is known") {
  World world;
  world.model.em.short_histories = {.most = 2, .empty = 1, .likeness = 0};
  world.model.em.frozen_encoder_dropout = false;
  EmSplit split(world.train, world.model);
  const EmNetworks networks = make_em_networks(world.model);
  split.compute_states(networks, 32);
  const UnknownStates unknown{split.posterior_states.mean(0, true), split.prior_states.mean(0, true)};
  split.draw_histories(world.model.em.short_histories, networks, unknown, 1);
  CHECK(at::equal(split.prior_states, unknown.prior.expand_as(split.prior_states)));
  world.model.em.short_histories.empty = 0;
  split.draw_histories(world.model.em.short_histories, networks, unknown, 1);
  CHECK_FALSE(split.prior_states.eq(unknown.prior).all(1).any().item<bool>());
}

TEST_CASE("same_y_m gives the prior the posterior's item map, and leaves it alone") {
  World world;
  world.model.em.same_y_m = GENERATE(true, false);
  world.run("map");
  const StateDict posterior = read_state_dict(world.folder / "map/world_posterior_inference.pt");
  const StateDict prior = read_state_dict(world.folder / "map/world_prior_prior.pt");
  for (const char* part : {"weight", "bias"})
    CHECK(at::equal(get(prior, std::string("linear_intent.") + part),
                    get(posterior, std::string("linear_value.") + part)) == world.model.em.same_y_m);
}

TEST_CASE("compat switches change what they name") {
  World world;
  const StateDict ours = parameters_of(*world.run("ours").networks.prior);
  const auto differs = [&](const std::string& name) {
    return !same_weights(ours, parameters_of(*world.run(name).networks.prior));
  };
  SECTION("positions") {
    world.model.compat.batch_width_positions = true;
    CHECK(differs("positions"));
  }
  SECTION("negatives drawn once") {
    world.model.compat.fixed_negatives = true;
    CHECK(differs("negatives"));
  }
  SECTION("the gate") {
    CHECK(make_em_networks(world.model).prior->shape().gate == GateScope::user);
    world.model.compat.gate_over_batch = true;
    CHECK(make_em_networks(world.model).prior->shape().gate == GateScope::batch);
  }
  SECTION("a schedule that does nothing") {
    world.model.em.scheduler = {.enabled = true, .total_iters = 2};
    world.model.compat.constant_learning_rate = true;
    CHECK_FALSE(differs("constant"));
    world.model.compat.constant_learning_rate = false;
    CHECK(differs("schedule"));
    const std::vector<json> lines = metrics_without_seconds(world.folder / "schedule");
    CHECK(lines[1]["learning_rate"].get<double>() == Approx(0.01));          // start_factor 1
    CHECK(lines[2]["learning_rate"].get<double>() == Approx(0.01 * 0.505));  // halfway to end_factor 0.01
    CHECK(lines[3]["learning_rate"].get<double>() == Approx(0.01 * 0.01));
  }
}

TEST_CASE("training starts from the given checkpoints") {
  World world;
  world.run("first");
  world.posterior_file = world.folder / "first/world_posterior_inference.pt";
  world.model.em.stages = {{.name = "prior", .no_estep = true, .epochs = 3, .stopbywhich = "MStep"}};
  const EmResult second = world.run("second");
  CHECK(same_weights(read_state_dict(world.folder / "second/world_inference.pt"),
                     read_state_dict(world.folder / "first/world_posterior_inference.pt")));
}

TEST_CASE("without load_best_model the last networks are the final ones") {
  World world;
  world.model.em.stages = {{.name = "joint", .epochs = 4, .stopbywhich = "MStep"}};
  world.model.em.early_stop.delta = 1;  // the first epoch stays the best
  world.run("best");
  CHECK(same_weights(read_state_dict(world.folder / "best/world_prior.pt"),
                     read_state_dict(world.folder / "best/world_joint_prior.pt")));
  world.model.em.load_best_model = false;
  world.run("last");
  CHECK_FALSE(same_weights(read_state_dict(world.folder / "last/world_prior.pt"),
                           read_state_dict(world.folder / "last/world_joint_prior.pt")));
}

TEST_CASE("early stopping ends a stage after patience epochs") {
  World world;
  world.model.em.stages = {{.name = "joint", .epochs = 50, .stopbywhich = "MStep"}};
  world.model.em.early_stop.patience = 3;
  world.model.em.early_stop.delta = 1;
  const EmResult result = world.run("stop");
  CHECK(result.stages[0].best_epoch == 1);
  CHECK(result.stages[0].epochs == 4);
}

TEST_CASE("a stage that makes its networks worse says so") {
  World world;
  const LogLevel quiet(latentcrs::log::Level::error);
  const auto log_of = [&](const std::string& name) {
    latentcrs::log::add_file(world.folder / (name + ".log"));
    world.run(name);
    latentcrs::log::flush();
    return read_text(world.folder / (name + ".log"));
  };
  world.model.em.stages = {{.name = "prior", .no_estep = true, .epochs = 25, .stopbywhich = "MStep"}};
  CHECK_THAT(log_of("better"), !Contains("no epoch reached the"));

  // From there on texts that name another group than the target's: the networks unlearn what they knew.
  world.prior_file = world.folder / "better/world_prior.pt";
  for (int32_t& target : world.train.targets) target = in_next_group(world, target);
  world.model.em.stages.front().learning_rate = 0.1;
  CHECK_THAT(log_of("worse"), Contains("prior: no epoch reached the"));
}

TEST_CASE("a batch size that leaves an epoch with few steps is said") {
  World world;
  const LogLevel quiet(latentcrs::log::Level::error);
  const auto log_with = [&](int batch_size) {
    world.model.em.batch_size = batch_size;
    const std::string name = std::to_string(batch_size);
    latentcrs::log::add_file(world.folder / (name + ".log"));
    world.run(name);
    latentcrs::log::flush();
    return read_text(world.folder / (name + ".log"));
  };
  world.model.em.stages = {{.name = "prior", .no_estep = true, .epochs = 1, .stopbywhich = "MStep"}};
  CHECK_THAT(log_with(2), !Contains("lower batch_size"));
  CHECK_THAT(log_with(100'000), Contains("an epoch has 1 step(s) of batch_size=100000"));
}

TEST_CASE("fixed negatives are drawn once for all epochs and stages") {
  World world;
  world.model.em.full_catalogue_loss = false;
  world.model.em.frozen_encoder_dropout = false;
  world.model.em.prior.m_ux.hidden_dropout_prob = 0;
  // Steps too small to change a weight: only other negatives make another loss.
  const StageOptions still = {
      .name = "a", .no_estep = true, .epochs = 2, .learning_rate = 1e-30, .stopbywhich = "MStep"};
  world.model.em.stages = {still, still};
  world.model.em.stages[1].name = "b";
  world.model.em.validation_first = false;
  world.model.compat.fixed_negatives = GENERATE(true, false);
  world.run("fixed");
  std::vector<double> losses;
  for (const json& line : metrics_without_seconds(world.folder / "fixed"))
    losses.push_back(line["m_step"]["recommendation"]);
  REQUIRE(losses.size() == 4);
  for (const size_t i : {1, 2, 3})
    CHECK((losses[i] == Approx(losses[0]).epsilon(1e-5)) == world.model.compat.fixed_negatives);
}

TEST_CASE("a loss that is not finite names stage, epoch, step and term") {
  World world;
  world.model.em.validation_first = false;
  world.train.embeddings.all()[13][2] = std::numeric_limits<float>::quiet_NaN();
  try {
    world.run("nan");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::numeric);
    CHECK_THAT(error.what(), Contains("prior epoch 1, M-step") && Contains("the loss term elbo is nan"));
  }
}

TEST_CASE("an encoder that lacks items of the dataset, or a step without a loss, is refused") {
  World world;
  for (auto& [name, tensor] : world.model.encoder)
    if (name == "item_embeddings.weight") tensor = tensor.slice(0, 0, 20);
  CHECK_THROWS_WITH(world.run("short"), Contains("below 20") && Contains("has item 24"));

  World other;
  other.model.em.use_negative_loss = false;
  CHECK_THROWS_WITH(other.run("nothing"), Contains("posterior epoch 1, E-step") && Contains("loss weights are 0"));
}

TEST_CASE("negatives are needed only where a loss compares with them") {
  World world;  // 24 items, of which every user has 6
  world.model.em.neg_sample_size = 19;
  const std::string too_few = "to draw negatives from, fewer than neg_sample_size=19, which the loss of ";
  CHECK_THROWS_WITH(world.run("intents"), Contains(too_few + "m_negative_loss_weight=1 compares with"));
  world.model.em.full_catalogue_loss = false;
  CHECK_THROWS_WITH(world.run("sampled"), Contains(too_few + "full_catalogue_loss=false compares with"));

  world.model.em.full_catalogue_loss = true;
  world.model.em.m_negative_loss_weight = 0;
  CHECK_NOTHROW(world.run("none"));
  world.model.em.neg_sample_size = 4;
  world.run("none_of_4");
  CHECK(same_weights(read_state_dict(world.folder / "none/world_prior.pt"),
                     read_state_dict(world.folder / "none_of_4/world_prior.pt")));
}
