// The files of configs/, and the search for them.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "base/util/error.h"
#include "config/config_files.h"

namespace latentcrs::test {

namespace fs = std::filesystem;

namespace {

LoadedConfig load_shipped(const std::string& name, const std::vector<std::string>& overrides = {}) {
  return load_config(source_path("configs/" + name + ".yaml").string(), overrides);
}

/// Sets an environment variable during its lifetime.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  ~Environment() { unsetenv(name_); }

 private:
  const char* name_;
};

}  // namespace

TEST_CASE("Every shipped main file loads, alone and with every profile and compatibility") {
  const fs::path folder = source_path("configs");
  int count = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() != ".yaml" || name == "base") continue;
    INFO(name);
    CHECK_NOTHROW(load_shipped(name));
    CHECK_NOTHROW(load_shipped(name, {"+profile=cpu", "compat=reference"}));
    CHECK_NOTHROW(load_shipped(name, {"+profile=smoke", "scheduler=linear", "prior=gated"}));
    ++count;
  }
  CHECK(count >= 7);
}

TEST_CASE("Every file of a shipped group loads") {
  for (const fs::directory_entry& group : fs::directory_iterator(source_path("configs"))) {
    if (!group.is_directory()) continue;
    for (const fs::directory_entry& choice : fs::directory_iterator(group)) {
      if (choice.path().extension() != ".yaml") continue;
      const std::string name = group.path().filename().string();
      // base.yaml chooses from every group but this one.
      const std::string override =
          fmt::format("{}{}={}", name == "profile" ? "+" : "", name, choice.path().stem().string());
      INFO(override);
      CHECK_NOTHROW(load_shipped("ml1m", {override}));
    }
  }
}

TEST_CASE("The main files have the published settings") {
  const Config ml1m = load_shipped("ml1m").config;
  CHECK(ml1m.pretrain.encoder.num_hidden_layers == 2);
  CHECK(ml1m.pretrain.encoder.max_seq_length == 200);
  CHECK(ml1m.pretrain.n_views == 3);
  CHECK(ml1m.pretrain.num_intent_clusters == std::vector<int>{512});
  CHECK(ml1m.em.m_negative_loss_weight == 0);
  CHECK(ml1m.em.m_rec_loss_weight == 5);
  CHECK(ml1m.output_dir == "outputs/ml1m");

  const Config cds = load_shipped("cds").config;
  CHECK(cds.pretrain.encoder.max_seq_length == 50);
  CHECK(cds.pretrain.num_intent_clusters == std::vector<int>{128});
  CHECK(cds.em.m_negative_loss_weight == 1);
  CHECK(cds.em.m_rec_loss_weight == 1);
  CHECK(cds.datasets.sort_by_time);

  const Config games = load_shipped("videogames").config;
  CHECK(games.pretrain.encoder.num_hidden_layers == 3);
  CHECK(games.pretrain.num_intent_clusters == std::vector<int>{256});
  CHECK(games.datasets.with_features_column);

  const Config beauty = load_shipped("beauty").config;
  CHECK(beauty.pretrain.encoder.num_hidden_layers == 1);
  CHECK(beauty.datasets.format == "sequences");

  const Config reference = load_shipped("cds", {"compat=reference", "datasets=cds-reference"}).config;
  CHECK(reference.compat.reviews_by_asin);
  CHECK_FALSE(reference.datasets.sort_by_time);
  CHECK(reference.datasets.item_filter_time == FilterTime::after_kcore);
  CHECK(reference.datasets.dataset_name == "cds");
}

TEST_CASE("compat=reference switches every published behaviour on, the default none") {
  CHECK(canonical_json(load_shipped("ml1m", {"compat=reference"}).config, "compat").find("false") == std::string::npos);
  CHECK(canonical_json(load_shipped("ml1m").config, "compat").find("true") == std::string::npos);
}

TEST_CASE("compat=reference takes the published losses, unless the command line names others") {
  for (const fs::directory_entry& entry : fs::directory_iterator(source_path("configs"))) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() != ".yaml" || name == "base") continue;
    for (const std::string also : {"exp_name=x", "+profile=cpu", "+profile=smoke"}) {
      INFO(name << " " << also);
      const Config config = load_shipped(name, {"compat=reference", also}).config;
      CHECK(config.pretrain.loss == "bce");
      CHECK(config.pretrain.contrast_type == ContrastType::hybrid);
      CHECK_FALSE(config.em.full_catalogue_loss);
      CHECK(config.em.frozen_encoder_dropout);
    }
    CHECK_THROWS_WITH(load_shipped(name, {"+compat=reference"}),
                      Catch::Matchers::Contains("compat=reference replaces that choice"));
  }
  // A choice of the group pretrain made before gives way, a value on the command line does not.
  ConfigFiles own;
  own.add("main.yaml", "defaults: [ml1m, override pretrain: sharp, _self_]\n");
  own.add("pretrain/sharp.yaml", "defaults: [ml-1m, _self_]\nloss: softmax\n");
  CHECK(own.load().config.pretrain.loss == "softmax");
  CHECK(own.load({"compat=reference"}).config.pretrain.loss == "bce");
  CHECK(own.load({"compat=reference", "pretrain.loss=gbce"}).config.pretrain.loss == "gbce");
}

TEST_CASE("A published command line means what it says") {
  const Config config =
      load_shipped("ml1m",
                   {"exp_name=ml_lr0.001", "datasets=ml-1m", "datasets.meta_task_keys=[raw]", "learning_rate=0.001",
                    "scheduler.end_factor=0.01", "scheduler.total_iters=50", "prior.use_pretrained_intent=true",
                    "train_preintent=false", "use_negetive_loss=true", "e_negetive_loss_weight=5",
                    "m_negetive_loss_weight=0", "m_rec_loss_weight=5", "neg_loss_temp=1", "validation_first=true",
                    "early_stop.stopbywhich=EStep", "datasets.precalculated_recmodel.kmeans_num_clusters=256"})
          .config;
  CHECK(config.pretrain.num_intent_clusters == std::vector<int>{256});
  CHECK(config.em.early_stop.stopbywhich == "EStep");
}

TEST_CASE("Configurations are found by name through the search path") {
  const Environment folder("LATENTCRS_CONFIG_DIR", source_path("configs").string());
  CHECK(config_search_path().front() == fs::canonical(source_path("configs")));
  CHECK(load_config("tiny", {}).file == fs::canonical(source_path("configs/tiny.yaml")));
  CHECK(load_config("tiny.yaml", {}).config.datasets.dataset_name == "tiny-ml");
  CHECK(find_config_file("datasets/cds.yaml", source_path("configs/ml1m.yaml")) ==
        fs::canonical(source_path("configs/datasets/cds.yaml")));
  CHECK_THROWS_WITH(load_config("tinny", {}),
                    Catch::Matchers::Contains("did you mean tiny?") && Catch::Matchers::Contains("videogames"));
  CHECK_THROWS_AS(find_config_file("prompts/none.txt", source_path("configs/ml1m.yaml")), Error);

  // A main file of one's own builds on the shipped ones.
  ConfigFiles own;
  own.add("main.yaml", "defaults: [tiny, override datasets: mine]\nepochs: 2\n");
  own.add("datasets/mine.yaml", "defaults: [cds, _self_]\ninteractions: mine.jsonl\n");
  const Config config = own.load().config;
  CHECK(config.em.epochs == 2);
  CHECK(config.datasets.interactions == "mine.jsonl");
  CHECK(config.datasets.features_name == "CDs_features.csv");
}

}  // namespace latentcrs::test
