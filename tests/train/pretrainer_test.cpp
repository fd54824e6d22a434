#include "recommender/train/pretrainer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <torch/csrc/autograd/grad_mode.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/config/next_item_loss_names.h"
#include "base/util/error.h"
#include "base/util/interrupt.h"
#include "numerics/tensor/weights_file.h"
#include "recommender/eval/intent_overview.h"
#include "recommender/eval/ranker.h"
#include "recommender/model/encoder_file.h"
#include "recommender/model/intent_clusters.h"
#include "recommender/model/parameters.h"
#include "support/device.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr int kGroups = 5, kItemsOfGroup = 9, kUsers = 160;

int group_of_user(int64_t user) { return static_cast<int>(user % kGroups); }

/// Users who want items of one group each, apart from a stray item now and then; no user has an item twice.
Interactions world() {
  Interactions interactions;
  Rng rng(2024);
  for (int user = 0; user < kUsers; ++user) {
    std::vector<int32_t> own(kItemsOfGroup);
    for (int i = 0; i < kItemsOfGroup; ++i) own[static_cast<size_t>(i)] = 1 + group_of_user(user) * kItemsOfGroup + i;
    rng.shuffle(own);
    own.resize(5 + rng.below(4));
    if (rng.uniform() < 0.3) own[1] = 1 + static_cast<int32_t>((own[1] + kItemsOfGroup) % (kGroups * kItemsOfGroup));
    interactions.add_user(user + 1, own);
  }
  return interactions;
}

PretrainOptions small_options() {
  PretrainOptions options;
  options.encoder = {.hidden_size = 16,
                     .num_hidden_layers = 1,
                     .max_seq_length = 8,
                     .hidden_dropout_prob = 0.2,
                     .attention_probs_dropout_prob = 0.2};
  options.num_intent_clusters = {kGroups};
  options.batch_size = 64;
  options.epochs = 4;
  options.lr = 5e-3;
  return options;
}

PretrainJob job_in(const fs::path& folder, const Interactions& interactions) {
  return {.interactions = &interactions,
          .options = small_options(),
          .compat = {},
          .seed = 3,
          .device = test::test_device(),
          .folder = folder,
          .name = "ICLRec-tiny"};
}

/// Lines of metrics.jsonl without the time taken.
std::vector<json> metrics_lines(const fs::path& folder) {
  std::vector<json> lines;
  std::ifstream in(folder / "metrics.jsonl");
  for (std::string line; std::getline(in, line);) {
    lines.push_back(json::parse(line));
    lines.back().erase("seconds");
  }
  return lines;
}

bool same_value(const PtValue& a, const PtValue& b);
bool same_dict(const PtDict& a, const PtDict& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    // The position in metrics.jsonl depends on the digits of the times taken.
    return x.first == y.first && (x.first == "progress" || same_value(x.second, y.second));
  });
}
bool same_value(const PtValue& a, const PtValue& b) {
  if (const auto* dict = std::get_if<PtDict>(&a.value)) return same_dict(*dict, b.dict("b"));
  if (const auto* tensor = std::get_if<at::Tensor>(&a.value)) return at::equal(*tensor, b.tensor("b"));
  return a.string("a") == b.string("b");
}

void check_same_outputs(const fs::path& a, const fs::path& b) {
  for (const char* file : {"ICLRec-tiny.pt", "ICLRec-tiny_config.json", "ICLRec-tiny_clusters/centers.npy",
                           "ICLRec-tiny_clusters/intents.faissindex"}) {
    INFO(file);
    CHECK(test::read_text(a / file) == test::read_text(b / file));
  }
}

}  // namespace

// Another kernel of the BLAS library changes these losses in the seventh digit, another seed in the second. Over five
// seeds the loss fell to .88 of the first with a standard deviation of .01, HIT@10 was .99 of .01, the purity .94 of
// .02, the variance explained .84 of .02: the bounds here are seven or more deviations away.
TEST_CASE("pretraining learns the users' intents", "[pretrainer][device]") {
  const test::TempDir folder;
  const Interactions interactions = world();
  PretrainJob job = job_in(folder.path(), interactions);
  job.options.epochs = 25;
  const PretrainResult result = pretrain(job);
  CHECK(result.epochs_run == 25);
  REQUIRE(result.test.left_out.size() == kUsers);

  const std::vector<json> lines = metrics_lines(folder.path());
  REQUIRE(lines.size() == 26);
  for (const char* term : {"next_item", "instance_contrast", "intent_contrast", "total"})
    CHECK(lines[0]["losses"].contains(term));
  CHECK(lines[24]["losses"]["next_item"] < 0.95 * lines[0]["losses"]["next_item"].get<double>());
  CHECK(lines[25]["test"]["HIT@10"] == hit_at(result.test.left_out, 10));
  CHECK(lines[25]["best_epoch"] == result.best_epoch);

  std::vector<double> popularity(kGroups * kItemsOfGroup + 2);
  std::vector<int32_t> targets;
  for (int64_t user = 0; user < kUsers; ++user) {
    for (int32_t item : items_before(interactions, targets_of(interactions, Split::test)[static_cast<size_t>(user)]))
      ++popularity[static_cast<size_t>(item)];
    targets.push_back(interactions.sequence(user).back());
  }
  const Candidates candidates{.non_items = {0, kGroups * kItemsOfGroup + 1}, .excluded = [&](int64_t user) {
                                return items_before(interactions,
                                                    targets_of(interactions, Split::test)[static_cast<size_t>(user)]);
                              }};
  const double popular = hit_at(rank_targets_by_score(popularity, targets, candidates), 10);
  CHECK(hit_at(result.test.left_out, 10) > popular + 0.3);

  // Purity of the users' clusters: 1/5 by chance, a little more for small samples.
  const EncoderFile config = read_encoder_config(folder / "ICLRec-tiny_config.json");
  SasRec encoder(config.item_size, config.options, 1);
  encoder->to(test::test_device());
  CHECK(load_parameters(*encoder, read_state_dict(folder / "ICLRec-tiny.pt"), "it").empty());
  SequenceBatcher sequences(interactions, job.options, {}, 1);
  std::vector<int64_t> rows = sequences.inputs(0, kUsers, Split::train);
  Dropout off = Dropout::off();
  const at::NoGradGuard no_grad;
  const at::Tensor ids = at::from_blob(rows.data(), {kUsers, 8}, at::kLong).to(test::test_device());
  const at::Tensor states = encoder->forward(ids, off, 0).mean(1).cpu();
  const IntentClusters clusters = read_clusters(folder / "ICLRec-tiny_clusters");
  const at::Tensor intents = clusters.assign(states);
  CHECK(cluster_fit(states, clusters.raw_centroids, intents).explained > 0.7);
  std::map<int64_t, std::map<int, int>> members;
  for (int64_t user = 0; user < kUsers; ++user) ++members[intents[user].item<int64_t>()][group_of_user(user)];
  int in_majority = 0;
  for (const auto& [intent, groups] : members) {
    int most = 0;
    for (const auto& [group, count] : groups) most = std::max(most, count);
    in_majority += most;
  }
  CHECK(in_majority > 0.6 * kUsers);
}

TEST_CASE("an interrupted run goes on to the same bits", "[pretrainer][device]") {
  const test::TempDir whole, parts;
  const Interactions interactions = world();
  const PretrainResult expected = pretrain(job_in(whole.path(), interactions));

  struct Stop {};
  PretrainJob job = job_in(parts.path(), interactions);
  for (int stop_after : {1, 3}) {
    job.on_epoch = [&](int epoch) {
      CHECK(epoch > stop_after - 3);
      if (epoch == stop_after) throw Stop();
    };
    CHECK_THROWS_AS(pretrain(job), Stop);
    CHECK_FALSE(fs::exists(parts / "ICLRec-tiny.pt"));
    test::write_text(parts / "metrics.jsonl", test::read_text(parts / "metrics.jsonl") + "{\"epoch\": 9");
  }
  job.on_epoch = [](int epoch) { CHECK(epoch == 4); };
  const PretrainResult result = pretrain(job);

  CHECK(result.valid.left_out == expected.valid.left_out);
  CHECK(result.test.left_out == expected.test.left_out);
  CHECK(result.best_epoch == expected.best_epoch);
  check_same_outputs(whole.path(), parts.path());
  CHECK(metrics_lines(whole.path()) == metrics_lines(parts.path()));
  CHECK(same_value(read_pt(whole / "state.pt"), read_pt(parts / "state.pt")));

  // A finished run is not trained again.
  job.on_epoch = [](int) { FAIL("an epoch was run"); };
  CHECK(pretrain(job).test.left_out == expected.test.left_out);
  CHECK(metrics_lines(whole.path()) == metrics_lines(parts.path()));
}

TEST_CASE("a signal within an epoch stops at the next step, and the run goes on to the same bits", "[pretrainer]") {
  const Interactions interactions = world();
  const int threads = at::get_num_threads();
  at::set_num_threads(1);  // other threads do not outlive a fork
  for (const char* loss : {"bce", "sampled_softmax", "gbce"}) {
    const test::TempDir whole, parts;
    const auto job_of = [&](const fs::path& folder) {
      PretrainJob job = job_in(folder, interactions);
      job.options.loss = loss;
      job.options.num_negatives = 7;
      return job;
    };
    const PretrainResult expected = pretrain(job_of(whole.path()));

    // In a process of its own, because a signal is not forgotten.
    const pid_t child = fork();
    if (child == 0) {
      if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(4);
      install_interrupt_handlers();
      PretrainJob job = job_of(parts.path());
      job.on_step = [](int epoch, int64_t step) {
        if (epoch == 3 && step == 2) raise(SIGINT);
        if (epoch == 3 && step == 3) _exit(1);
      };
      try {
        pretrain(job);
      } catch (const Error& e) {
        _exit(e.kind() == ErrorKind::interrupted ? 11 : 2);
      }
      _exit(3);
    }
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 11);
    CHECK(metrics_lines(parts.path()).size() == 2);

    PretrainJob job = job_of(parts.path());
    job.on_epoch = [](int epoch) { CHECK(epoch >= 3); };
    CHECK(pretrain(job).test.left_out == expected.test.left_out);
    check_same_outputs(whole.path(), parts.path());
    CHECK(metrics_lines(whole.path()) == metrics_lines(parts.path()));
    CHECK(same_value(read_pt(whole / "state.pt"), read_pt(parts / "state.pt")));
  }
  at::set_num_threads(threads);
}

TEST_CASE("pretraining steps recorded as graphs give the bits of steps that are run", "[pretrainer][device]") {
  const Interactions interactions = world();
  for (const char* loss : {"bce", "softmax", "gbce"}) {
    const test::TempDir recorded, run;
    PretrainJob job = job_in(recorded.path(), interactions);
    job.options.loss = loss;
    job.options.num_negatives = 7;
    pretrain(job);
    job.folder = run.path();
    job.launch = StepLaunch::one_by_one;
    pretrain(job);
    check_same_outputs(recorded.path(), run.path());
  }
}

TEST_CASE("a state of other settings is not taken up", "[pretrainer]") {
  const test::TempDir fresh, used;
  const Interactions interactions = world();
  PretrainJob job = job_in(used.path(), interactions);
  job.options.epochs = 1;
  pretrain(job);
  job.seed = 4;
  pretrain(job);
  job.folder = fresh.path();
  pretrain(job);
  check_same_outputs(fresh.path(), used.path());
  CHECK(metrics_lines(fresh.path()) == metrics_lines(used.path()));
}

TEST_CASE("training stops early and keeps the best weights", "[pretrainer]") {
  const test::TempDir folder;
  const Interactions interactions = world();
  PretrainJob job = job_in(folder.path(), interactions);
  job.options.epochs = 50;
  job.options.early_stop.patience = 2;
  job.options.early_stop.delta = 1;  // no score is above the first by more than 1
  const PretrainResult result = pretrain(job);
  CHECK(result.epochs_run == 3);
  CHECK(result.best_epoch == 1);

  const test::TempDir single;
  PretrainJob one_epoch = job_in(single.path(), interactions);
  one_epoch.options.epochs = 1;
  CHECK(pretrain(one_epoch).test.left_out == result.test.left_out);
  check_same_outputs(single.path(), folder.path());
}

TEST_CASE("each contrast type has its terms", "[pretrainer][device]") {
  const Interactions interactions = world();
  const auto terms = [&](const std::function<void(PretrainOptions&)>& change) {
    const test::TempDir folder;
    PretrainJob job = job_in(folder.path(), interactions);
    job.options.epochs = 1;
    change(job.options);
    pretrain(job);
    const json losses = metrics_lines(folder.path())[0]["losses"];
    double total = job.options.rec_weight * losses["next_item"].get<double>();
    total += job.options.cf_weight * losses.value("instance_contrast", 0.0);
    total += job.options.intent_cf_weight * losses.value("intent_contrast", 0.0);
    CHECK(losses["total"].get<double>() == Approx(total));
    std::string names;
    for (const auto& [name, value] : losses.items()) names += name + " ";
    return names;
  };
  CHECK(terms([](PretrainOptions& o) { o.contrast_type = ContrastType::none; }) == "next_item total ");
  CHECK(terms([](PretrainOptions& o) { o.contrast_type = ContrastType::instance; }) ==
        "instance_contrast next_item total ");
  CHECK(terms([](PretrainOptions& o) { o.contrast_type = ContrastType::intent; }) ==
        "intent_contrast next_item total ");
  CHECK(terms([](PretrainOptions& o) { o.warm_up_epoches = 1; }) == "instance_contrast next_item total ");
  CHECK(terms([](PretrainOptions& o) {
          o.de_noise = true;
          o.n_views = 3;
          o.num_intent_clusters = {kGroups, 3};
          o.seq_representation_type = Representation::concatenate;
          o.seq_representation_instancecl_type = Representation::mean;
          o.rec_weight = 0.5;
        }) == "instance_contrast intent_contrast next_item total ");
}

TEST_CASE("the intent contrast starts after the warm-up", "[pretrainer]") {
  const Interactions interactions = world();
  for (const double epochs : {2.0, 1.5}) {
    const test::TempDir folder;
    PretrainJob job = job_in(folder.path(), interactions);
    job.options.warm_up_epoches = epochs;
    pretrain(job);
    const std::vector<json> lines = metrics_lines(folder.path());
    REQUIRE(lines.size() == 5);
    for (int epoch = 1; epoch <= 4; ++epoch)
      CHECK(lines[static_cast<size_t>(epoch) - 1]["losses"].contains("intent_contrast") == (epoch > epochs));
  }
}

TEST_CASE("every next-item loss learns", "[pretrainer][device]") {
  const Interactions interactions = world();
  for (const std::string loss : kNextItemLossNames) {
    INFO(loss);
    const test::TempDir folder;
    PretrainJob job = job_in(folder.path(), interactions);
    job.options.loss = loss;
    job.options.num_negatives = 12;
    job.options.contrast_type = ContrastType::none;
    // gBCE first has to push most logits down.
    const int epochs = loss == "gbce" ? 120 : 30;
    job.options.epochs = epochs;
    job.options.lr = 0.01;
    job.options.eval_every = epochs;
    const PretrainResult result = pretrain(job);
    const std::vector<json> lines = metrics_lines(folder.path());
    const double first = lines[0]["losses"]["next_item"],
                 last = lines[static_cast<size_t>(epochs) - 1]["losses"]["next_item"];
    CHECK(last < 0.9 * first);  // over five seeds .66 or less
    // By chance 0.22, with a standard deviation of 0.033; over five seeds 0.99 or more.
    CHECK(hit_at(result.test.left_out, 10) > 0.6);
  }
}

TEST_CASE("every option changes what it names", "[pretrainer]") {
  const Interactions interactions = world();
  using Change = std::function<void(PretrainJob&)>;
  const auto lines_of = [&](const Change& change) {
    const test::TempDir folder;
    PretrainJob job = job_in(folder.path(), interactions);
    job.options.epochs = 1;
    job.options.n_views = 3;
    change(job);
    pretrain(job);
    return metrics_lines(folder.path());
  };
  const std::vector<json> plain = lines_of([](PretrainJob&) {});
  const auto changes_training = [&](const char* name, const Change& change) {
    INFO(name);
    CHECK(lines_of(change)[0]["losses"] != plain[0]["losses"]);
  };
  changes_training("crop", [](PretrainJob& job) { job.options.augment_type = Augmentation::crop; });
  changes_training("mask", [](PretrainJob& job) { job.options.augment_type = Augmentation::mask; });
  changes_training("reorder", [](PretrainJob& job) { job.options.augment_type = Augmentation::reorder; });
  changes_training("tao", [](PretrainJob& job) { job.options.tao = 0.5; });
  changes_training("gamma", [](PretrainJob& job) { job.options.gamma = 0.3; });
  changes_training("beta", [](PretrainJob& job) { job.options.beta = 0.6; });
  changes_training("n_views", [](PretrainJob& job) { job.options.n_views = 2; });
  changes_training("temperature", [](PretrainJob& job) { job.options.temperature = 0.5; });
  changes_training("relu", [](PretrainJob& job) { job.options.encoder.hidden_act = Activation::relu; });
  changes_training("swish", [](PretrainJob& job) { job.options.encoder.hidden_act = Activation::swish; });
  changes_training("representation of instances",
                   [](PretrainJob& job) { job.options.seq_representation_instancecl_type = Representation::mean; });
  changes_training("representation of intents",
                   [](PretrainJob& job) { job.options.seq_representation_type = Representation::concatenate; });
  changes_training("several K", [](PretrainJob& job) { job.options.num_intent_clusters = {kGroups, 3}; });
  changes_training("training_data_ratio", [](PretrainJob& job) { job.options.training_data_ratio = 0.5; });
  changes_training("random_order", [](PretrainJob& job) { job.options.random_order = true; });
  changes_training("de_noise", [](PretrainJob& job) { job.options.de_noise = true; });
  CHECK(lines_of([](PretrainJob& job) { job.options.de_noise = true; })[0]["losses"] != lines_of([](PretrainJob& job) {
          job.options.de_noise = true;
          job.compat.denoise_label_from_validation = true;
        })[0]["losses"]);

  // Noise goes into test inputs and nowhere else.
  const std::vector<json> noisy = lines_of([](PretrainJob& job) { job.options.noise_ratio = 0.5; });
  CHECK(noisy[0] == plain[0]);
  CHECK(noisy[1]["valid"] == plain[1]["valid"]);
  CHECK(noisy[1]["test"] != plain[1]["test"]);
}

TEST_CASE("popularity_discount takes popularity out of the scores", "[pretrainer]") {
  const Interactions interactions = world();
  const auto loss_of = [&](double discount) {
    const test::TempDir folder;
    PretrainJob job = job_in(folder.path(), interactions);
    job.options.loss = "softmax";
    job.options.epochs = 1;
    job.options.popularity_discount = discount;
    pretrain(job);
    return metrics_lines(folder.path())[0]["losses"]["next_item"].get<double>();
  };
  CHECK(loss_of(0) != loss_of(0.5));
}

TEST_CASE("with a random order states do not depend on the order of the items before", "[pretrainer]") {
  const Interactions interactions = world();
  const test::TempDir whole, parts;
  const auto job_of = [&](const fs::path& folder) {
    PretrainJob job = job_in(folder, interactions);
    job.options.random_order = true;
    job.options.loss = "softmax";
    job.options.popularity_discount = 0.5;
    return job;
  };
  pretrain(job_of(whole.path()));
  const StateDict weights = read_weights(whole / "ICLRec-tiny.pt");
  CHECK(find(weights, "position_embeddings.weight")->abs().max().item<float>() == 0);
  SasRec encoder(interactions.max_item_id() + 2, small_options().encoder, 1);
  load_parameters(*encoder, weights, "the encoder");
  {
    const at::NoGradGuard no_grad;
    const auto state = [&](std::vector<int64_t> items) { return encoder->last_state(at::tensor(items).unsqueeze(0)); };
    CHECK(at::allclose(state({4, 9, 2}), state({9, 4, 2}), 1e-4, 1e-5));
    CHECK_FALSE(at::allclose(state({4, 9, 2}), state({4, 8, 2}), 1e-4, 1e-5));
  }

  struct Stop {};
  PretrainJob job = job_of(parts.path());
  job.on_epoch = [](int epoch) {
    if (epoch == 2) throw Stop();
  };
  CHECK_THROWS_AS(pretrain(job), Stop);
  pretrain(job_of(parts.path()));
  check_same_outputs(whole.path(), parts.path());
}

TEST_CASE("several K give several folders of clusters", "[pretrainer]") {
  const test::TempDir folder;
  const Interactions interactions = world();
  PretrainJob job = job_in(folder.path(), interactions);
  job.options.epochs = 1;
  job.options.num_intent_clusters = {4, 7};
  pretrain(job);
  CHECK(read_npy(folder / "ICLRec-tiny_clusters/centers.npy").size(0) == 4);
  CHECK(read_npy(folder / "ICLRec-tiny_clusters/kmeans_1/centers.npy").size(0) == 7);
  job.options.num_intent_clusters = {kUsers};
  CHECK_THROWS_WITH(pretrain(job), Contains("num_intent_clusters=160"));
  // Only users of the training are points to cluster.
  job.options.num_intent_clusters = {80};
  job.options.training_data_ratio = 0.5;
  CHECK_THROWS_WITH(pretrain(job), Contains("num_intent_clusters=80") && Contains("the number of users, 80"));
}

TEST_CASE("a loss that is not finite names term, epoch and step", "[pretrainer][device]") {
  const Interactions interactions = world();
  for (const char* loss : kNextItemLossNames) {
    const test::TempDir folder;
    PretrainJob job = job_in(folder.path(), interactions);
    job.options.loss = loss;
    job.options.lr = 1e30;
    try {
      pretrain(job);
      FAIL("trained on");
    } catch (const Error& e) {
      CHECK(e.kind() == ErrorKind::numeric);
      CHECK_THAT(e.what(), Contains("the loss term next_item is") && Contains("epoch 1, step 2") &&
                               Contains("lower pretrain.lr"));
    }
  }
}

TEST_CASE("a checkpoint replaces training", "[pretrainer]") {
  const test::TempDir trained, used;
  const Interactions interactions = world();
  PretrainJob job = job_in(trained.path(), interactions);
  job.options.epochs = 1;
  const PretrainResult expected = pretrain(job);

  job.folder = used.path();
  job.options.checkpoint = (trained / "ICLRec-tiny.pt").string();
  CHECK(pretrain(job).test.left_out == expected.test.left_out);
  check_same_outputs(trained.path(), used.path());
  CHECK_FALSE(fs::exists(used / "state.pt"));

  job.options.centers = (trained / "ICLRec-tiny_clusters/centers.npy").string();
  pretrain(job);
  check_same_outputs(trained.path(), used.path());
  job.options.num_intent_clusters = {kGroups + 1};
  CHECK_THROWS_WITH(pretrain(job), Contains("centers.npy") && Contains("[6, 16]"));
}

TEST_CASE("a checkpoint that does not fit names the settings to give; those that nobody gave are the file's",
          "[pretrainer]") {
  const test::TempDir trained, used;
  const Interactions interactions = world();
  PretrainJob job = job_in(trained.path(), interactions);
  job.options.epochs = 1;
  job.options.encoder.num_hidden_layers = 3;
  const PretrainResult expected = pretrain(job);

  job.folder = used.path();
  job.options.checkpoint = (trained / "ICLRec-tiny.pt").string();
  const auto refusal = [&job] {
    try {
      pretrain(job);
      return std::string();
    } catch (const Error& e) {
      return fmt::format("{}: {}", exit_code(e.kind()), e.what());
    }
  };
  job.options.encoder = {.hidden_size = 32, .num_hidden_layers = 1, .num_attention_heads = 4, .max_seq_length = 9};
  job.options.encoder.hidden_act = Activation::relu;
  job.origin = [](const std::string& key) { return key == "pretrain.encoder.num_hidden_layers" ? "mine.yaml:3" : ""; };
  CHECK(refusal() == "3: " + job.options.checkpoint +
                         " does not fit the settings: pretrain.encoder.num_hidden_layers is 1 (mine.yaml:3): give "
                         "pretrain.encoder.num_hidden_layers=3");
  job.origin = [](const std::string&) { return "mine.yaml"; };
  CHECK_THAT(refusal(), Contains("give pretrain.encoder.hidden_size=16;") &&
                            Contains("give pretrain.encoder.num_hidden_layers=3;") &&
                            Contains("give pretrain.encoder.num_attention_heads=2;") &&
                            Contains("give pretrain.encoder.max_seq_length=8;") &&
                            Contains("give pretrain.encoder.hidden_act=gelu"));

  // Nobody gave any: the same figures and files as from training.
  job.origin = [](const std::string&) { return ""; };
  CHECK(pretrain(job).test.left_out == expected.test.left_out);
  const EncoderOptions written = read_encoder_config(used / "ICLRec-tiny_config.json").options;
  CHECK(written.num_hidden_layers == 3);
  CHECK(written.hidden_size == 16);

  // Weights alone tell neither heads nor activation; a configuration of other weights is refused.
  const fs::path beside = trained / "ICLRec-tiny_config.json";
  std::string text = test::read_text(beside);
  text.replace(text.find("\"num_hidden_layers\": 3"), 22, "\"num_hidden_layers\": 2");
  test::write_text(beside, text);
  CHECK_THAT(refusal(), Contains("4: ") && Contains("num_hidden_layers is 2 there, and 3 in the weights"));
  fs::remove(beside);
  job.options.encoder = {.num_hidden_layers = 3, .num_attention_heads = 2, .max_seq_length = 8};
  CHECK(pretrain(job).test.left_out == expected.test.left_out);
  write_state_dict({{"item_embeddings.weight", at::zeros({3, 4})}}, job.options.checkpoint);
  CHECK_THAT(refusal(), Contains("4: ") && Contains("holds no SASRec encoder"));
}

TEST_CASE("the next item is ranked with and without the history among the candidates", "[pretrainer]") {
  const test::TempDir folder;
  Interactions interactions = world();
  interactions.add_user(1000, std::vector<int32_t>{4, 9, 4, 9, 4, 9, 4});  // whose target is in the history
  PretrainJob job = job_in(folder.path(), interactions);
  job.options.epochs = 2;
  const PretrainResult result = pretrain(job);
  SasRec encoder(interactions.max_item_id() + 2, job.options.encoder, 1);
  load_parameters(*encoder, read_state_dict(folder / "ICLRec-tiny.pt"), "trained");
  const SequenceBatcher sequences(interactions, job.options, {}, job.seed);
  const std::vector<int32_t> items = interactions.distinct_items();
  const at::NoGradGuard no_grad;
  for (int64_t user = 0; user < interactions.num_users(); user += 16) {
    CAPTURE(user);
    const auto sequence = interactions.sequence(user);
    const int64_t length = encoder->options().max_seq_length;
    const at::Tensor ids = at::tensor(sequences.inputs(user, 1, Split::test), at::kLong).view({1, length});
    const at::Tensor state = encoder->last_state(ids);
    const at::Tensor scores = at::mv(encoder->item_table(), state[0]);
    const int32_t target = sequence.back();
    Rank kept = 1, left_out = 1;
    for (const int32_t item : items) {
      if (item == target || scores[item].item<float>() < scores[target].item<float>()) continue;
      ++kept;
      left_out += std::find(sequence.begin(), sequence.end() - 1, item) == sequence.end() - 1;
    }
    CHECK(std::abs(result.test.kept[static_cast<size_t>(user)] - kept) <= 1);  // sums in another order
    CHECK(std::abs(result.test.left_out[static_cast<size_t>(user)] - left_out) <= 1);
    CHECK(result.test.kept[static_cast<size_t>(user)] >= result.test.left_out[static_cast<size_t>(user)]);
  }
  CHECK(hit_at(result.test.kept, 5) < hit_at(result.test.left_out, 5));
}

TEST_CASE("a checkpoint that is another model is refused", "[pretrainer]") {
  const test::TempDir trained, used;
  const Interactions interactions = world();
  PretrainJob job = job_in(trained.path(), interactions);
  job.options.epochs = 1;
  pretrain(job);
  const StateDict right = read_state_dict(trained / "ICLRec-tiny.pt");
  job.folder = used.path();
  job.options.checkpoint = (trained / "their.pt").string();
  const auto refused = [&](const StateDict& state, const std::string& reason) {
    write_state_dict(state, job.options.checkpoint);
    CHECK_THROWS_WITH(pretrain(job), Contains("their.pt: " + reason));
    CHECK_FALSE(fs::exists(used / "metrics.jsonl"));  // before any figure
  };
  StateDict state = right;
  state.emplace_back("item_encoder.layer.7.attention.query.weight", at::zeros({16, 16}));
  refused(state, "holds weights that this model has not: item_encoder.layer.7.attention.query.weight");
  state = right;
  state.emplace_back("LayerNorm.weight_scale", at::ones({16}));
  refused(state, "holds weights that this model has not: LayerNorm.weight_scale");
  state = right;
  state[0].second = (state[0].second * 127).to(at::kChar);
  refused(state, state[0].first + " holds numbers of type Char");

  write_state_dict(right, job.options.checkpoint);
  fs::copy(trained / "ICLRec-tiny_config.json", trained / "their_config.json");
  CHECK_NOTHROW(pretrain(job));
  EncoderFile described = read_encoder_config(trained / "their_config.json");
  ++described.item_size;
  write_encoder_config(described, trained / "their_config.json");
  CHECK_THROWS_WITH(pretrain(job), Contains("their_config.json: item_size is"));
}

TEST_CASE("given centres are written as float32 of length 1", "[pretrainer]") {
  const test::TempDir trained, used;
  const Interactions interactions = world();
  PretrainJob job = job_in(trained.path(), interactions);
  job.options.epochs = 1;
  pretrain(job);
  const at::Tensor centers = read_npy(trained / "ICLRec-tiny_clusters/centers.npy");
  job.folder = used.path();
  job.options.checkpoint = (trained / "ICLRec-tiny.pt").string();
  job.options.centers = (trained / "their.npy").string();
  write_npy(centers.to(at::kDouble) * 3, job.options.centers);
  pretrain(job);
  const at::Tensor written = read_npy(used / "ICLRec-tiny_clusters/centers.npy");
  CHECK(written.scalar_type() == at::kFloat);
  CHECK(at::allclose(written, centers, 0, 1e-6));
  write_npy((centers * 100).to(at::kLong), job.options.centers);
  CHECK_THROWS_WITH(pretrain(job), Contains("their.npy holds numbers of type Long"));
}

TEST_CASE("the published Beauty checkpoint gives its published figures", "[pretrainer][real]") {
  const fs::path folder = test::real_data_dir() / "beauty";
  if (!fs::exists(folder / "ICLRec-Beauty-1.pt")) return;
  const Interactions interactions = read_interactions(folder / "Beauty.txt");
  SasRec encoder(interactions.max_item_id() + 2, EncoderOptions{.num_hidden_layers = 1}, 1);
  load_parameters(*encoder, read_state_dict(folder / "ICLRec-Beauty-1.pt"), "Beauty");
  CompatOptions compat;
  compat.seen_items_score_zero = true;
  PretrainOptions options;
  options.encoder = encoder->options();
  const SequenceBatcher sequences(interactions, options, compat, 0);
  const std::vector<Rank> ranks = evaluate_encoder(encoder, sequences, Split::test, compat);
  const std::pair<const char*, double> published[] = {{"HIT@5", .0500},   {"NDCG@5", .0326}, {"HIT@10", .0744},
                                                      {"NDCG@10", .0403}, {"HIT@20", .1058}, {"NDCG@20", .0483}};
  for (const auto& [name, value] : published) {
    INFO(name);
    // Published to four decimals; and the rank of a user or two whose target ties with another item to seven digits may
    // be decided by rounding.
    CHECK(metric(ranks, name) == Approx(value).margin(0.00005 + 2.0 / static_cast<double>(ranks.size())));
  }
}
