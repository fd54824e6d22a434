#include "latentcrs/train/pretrainer.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/grad_mode.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "latentcrs/eval/ranker.h"
#include "latentcrs/model/intent_clusters.h"
#include "latentcrs/util/error.h"
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
          .device = c10::kCPU,
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

TEST_CASE("pretraining learns the users' intents", "[pretrainer]") {
  const test::TempDir folder;
  const Interactions interactions = world();
  PretrainJob job = job_in(folder.path(), interactions);
  job.options.epochs = 25;
  const PretrainResult result = pretrain(job);
  CHECK(result.epochs_run == 25);
  REQUIRE(result.test_ranks.size() == kUsers);

  const std::vector<json> lines = metrics_lines(folder.path());
  REQUIRE(lines.size() == 26);
  for (const char* term : {"next_item", "instance_contrast", "intent_contrast", "total"})
    CHECK(lines[0]["losses"].contains(term));
  CHECK(lines[24]["losses"]["next_item"] < 0.9 * lines[0]["losses"]["next_item"].get<double>());
  CHECK(lines[25]["test"]["HIT@10"] == hit_at(result.test_ranks, 10));
  CHECK(lines[25]["best_epoch"] == result.best_epoch);

  std::vector<double> popularity(kGroups * kItemsOfGroup + 2);
  std::vector<int32_t> targets;
  for (int64_t user = 0; user < kUsers; ++user) {
    for (int32_t item : split_input(interactions.sequence(user), Split::test)) ++popularity[static_cast<size_t>(item)];
    targets.push_back(split_answer(interactions.sequence(user), Split::test));
  }
  const Candidates candidates{.non_items = {0, kGroups * kItemsOfGroup + 1}, .excluded = [&](int64_t user) {
                                return split_input(interactions.sequence(user), Split::test);
                              }};
  const double popular = hit_at(rank_targets_by_score(popularity, targets, candidates), 10);
  CHECK(hit_at(result.test_ranks, 10) > popular + 0.3);

  // Purity of the users' clusters: 1/5 by chance, a little more for small samples.
  const EncoderFile config = read_encoder_config(folder / "ICLRec-tiny_config.json");
  SasRec encoder(config.item_size, config.options, 1);
  CHECK(load_parameters(*encoder, read_state_dict(folder / "ICLRec-tiny.pt"), "it").empty());
  SequenceBatcher sequences(interactions, job.options, {}, 1);
  std::vector<int64_t> rows = sequences.inputs(0, kUsers, Split::train);
  Dropout off = Dropout::off();
  const at::NoGradGuard no_grad;
  const at::Tensor states = encoder->forward(at::from_blob(rows.data(), {kUsers, 8}, at::kLong), off, 0).mean(1);
  const IntentClusters clusters = cluster_intents(states, {.k = kGroups, .seed = 3});
  CHECK(at::equal(clusters.centers, read_npy(folder / "ICLRec-tiny_clusters/centers.npy")));
  const at::Tensor intents = clusters.assign(states);
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

TEST_CASE("an interrupted run goes on to the same bits", "[pretrainer]") {
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

  CHECK(result.valid_ranks == expected.valid_ranks);
  CHECK(result.test_ranks == expected.test_ranks);
  CHECK(result.best_epoch == expected.best_epoch);
  check_same_outputs(whole.path(), parts.path());
  CHECK(metrics_lines(whole.path()) == metrics_lines(parts.path()));
  CHECK(same_value(read_pt(whole / "state.pt"), read_pt(parts / "state.pt")));

  // A finished run is not trained again.
  job.on_epoch = [](int) { FAIL("an epoch was run"); };
  CHECK(pretrain(job).test_ranks == expected.test_ranks);
  CHECK(metrics_lines(whole.path()) == metrics_lines(parts.path()));
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
  job.options.lr = 1e-12;  // nothing improves after the first epoch
  job.options.early_stop.patience = 2;
  job.options.early_stop.delta = 1e-3;
  const PretrainResult result = pretrain(job);
  CHECK(result.epochs_run == 3);
  CHECK(result.best_epoch == 1);
}

TEST_CASE("each contrast type has its terms", "[pretrainer]") {
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
}

TEST_CASE("a loss that is not finite names term, epoch and step", "[pretrainer]") {
  const test::TempDir folder;
  const Interactions interactions = world();
  PretrainJob job = job_in(folder.path(), interactions);
  job.options.lr = 1e30;
  try {
    pretrain(job);
    FAIL("trained on");
  } catch (const Error& e) {
    CHECK(e.kind() == ErrorKind::numeric);
    CHECK_THAT(e.what(), Contains("next_item") && Contains("epoch 1, step 2"));
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
  CHECK(pretrain(job).test_ranks == expected.test_ranks);
  check_same_outputs(trained.path(), used.path());
  CHECK_FALSE(fs::exists(used / "state.pt"));

  job.options.centers = (trained / "ICLRec-tiny_clusters/centers.npy").string();
  pretrain(job);
  check_same_outputs(trained.path(), used.path());
  job.options.num_intent_clusters = {kGroups + 1};
  CHECK_THROWS_WITH(pretrain(job), Contains("centers.npy") && Contains("[6, 16]"));

  job.options.encoder.num_attention_heads = 4;
  CHECK_THROWS_WITH(pretrain(job), Contains("num_attention_heads=4") && Contains("says 2"));
  fs::remove(trained / "ICLRec-tiny_config.json");
  job.options.encoder.max_seq_length = 9;
  CHECK_THROWS_WITH(pretrain(job), Contains("position_embeddings.weight is [8, 16], expected [9, 16]"));
}

TEST_CASE("the published Beauty checkpoint gives its published figures", "[pretrainer][real]") {
  const fs::path folder = test::real_data_dir() / "beauty";
  if (!fs::exists(folder / "ICLRec-Beauty-1.pt")) return;
  const Interactions interactions = read_interactions(folder / "Beauty.txt");
  SasRec encoder(interactions.max_item_id() + 2, EncoderOptions{.num_hidden_layers = 1}, 1);
  load_parameters(*encoder, read_state_dict(folder / "ICLRec-Beauty-1.pt"), "Beauty");
  CompatOptions compat;
  compat.seen_items_score_zero = true;
  const std::vector<Rank> ranks = evaluate_encoder(encoder, interactions, Split::test, compat);
  const std::pair<const char*, double> published[] = {{"HIT@5", .0500},   {"NDCG@5", .0326}, {"HIT@10", .0744},
                                                      {"NDCG@10", .0403}, {"HIT@20", .1058}, {"NDCG@20", .0483}};
  for (const auto& [name, value] : published) {
    INFO(name);
    CHECK(metric(ranks, name) == Approx(value).margin(0.00005));
  }
}
