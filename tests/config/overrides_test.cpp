#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "config/config_files.h"

namespace latentcrs::test {

using Catch::Matchers::Contains;
using Lists = std::vector<std::vector<std::string>>;

TEST_CASE("Overrides set values, left to right") {
  const LoadedConfig loaded =
      ConfigFiles("epochs: 3\n")
          .load({"epochs=4", "epochs=5", "++batch_size=8", "+threads=2",
                 "datasets.meta_task_keys=[raw, Emotion Detection]", "early_stop={patience: 7, delta: 1e-3}",
                 "datasets.root_category='CDs & Vinyl: all #1'", "exp_name=\"a, b\""});
  const Config& config = loaded.config;
  CHECK(config.em.epochs == 5);
  CHECK(origin_of(loaded, "epochs") == "override 2: epochs=5");
  CHECK(config.em.batch_size == 8);
  CHECK(config.threads == 2);
  CHECK(config.datasets.meta_task_keys == std::vector<std::string>{"raw", "Emotion Detection"});
  CHECK(config.em.early_stop.patience == 7);
  CHECK(config.em.early_stop.delta == 1e-3);
  CHECK(config.datasets.root_category == "CDs & Vinyl: all #1");
  CHECK(config.exp_name == "a, b");
}

TEST_CASE("Published spellings mean the same settings, and the later one wins") {
  const Config config = ConfigFiles(
                            "pretrain: {hidden_size: 16, encoder: {num_hidden_layers: 3}}\n"
                            "m_negetive_loss_weight: 2\n")
                            .load({"pretrain.encoder.hidden_size=32", "pretrain.num_intent_cluster=128",
                                   "use_negetive_loss=False", "lambda_reconstruct=1", "m_negative_loss_weight=4"})
                            .config;
  CHECK(config.pretrain.encoder.hidden_size == 32);
  CHECK(config.pretrain.encoder.num_hidden_layers == 3);
  CHECK(config.pretrain.num_intent_clusters == std::vector<int>{128});
  CHECK_FALSE(config.em.use_negative_loss);
  CHECK(config.em.m_negative_loss_weight == 4);
}

TEST_CASE("A removal restores the default") {
  const ConfigFiles files("epochs: 3\nearly_stop: {patience: 3, delta: 1}\nstages: [{name: joint}]\n");
  const LoadedConfig loaded = files.load({"~epochs", "~early_stop", "~stages"});
  CHECK(loaded.config.em.epochs == Config().em.epochs);
  CHECK(origin_of(loaded, "epochs") == "default");
  CHECK(loaded.config.em.early_stop.patience == EarlyStopOptions().patience);
  CHECK(loaded.config.em.early_stop.delta == EarlyStopOptions().delta);
  CHECK(loaded.config.em.stages.size() == 3);
  CHECK_THAT(files.mistakes({"~epoch"}), Contains("override 1: ~epoch: epoch: unknown key (did you mean epochs?)"));
  // `~key=value` removes that value only.
  CHECK(files.load({"~epochs=3"}).config.em.epochs == Config().em.epochs);
  CHECK(files.load({"~early_stop={patience: 3, delta: 1, stop_metrics: NDCG@10, stopbywhich: MStep}"})
            .config.em.early_stop.patience == EarlyStopOptions().patience);
  CHECK_THAT(files.mistakes({"~epochs=4"}), Contains("~epochs=4: epochs: the value is 3 and not 4"));
}

TEST_CASE("One stage can be changed by name or index") {
  const LoadedConfig loaded =
      ConfigFiles("stages: {posterior: {epochs: 9}}\n").load({"stages.joint.epochs=4", "stages.1.learning_rate=0.5"});
  const std::vector<StageOptions>& stages = loaded.config.em.stages;
  REQUIRE(stages.size() == 3);
  CHECK(stages[0].epochs == 9);
  CHECK(stages[0].only_rec_epoch == 500);
  CHECK(stages[1].learning_rate == 0.5);
  CHECK(stages[2].epochs == 4);
  CHECK_THAT(origin_of(loaded, "stages"), Contains("; override 1: stages.joint.epochs=4; override 2: "));
  CHECK_THAT(ConfigFiles().mistakes({"stages.jiont.epochs=4"}),
             Contains("stages.jiont: no such stage; stages: posterior, prior, joint (did you mean joint?)"));
  CHECK_THAT(ConfigFiles().mistakes({"stages.joint.epoch=4"}), Contains("stages.2.epoch: unknown key"));
}

TEST_CASE("Malformed overrides") {
  const ConfigFiles files;
  CHECK_THAT(files.mistakes({"epochs"}), Contains("override 1: epochs: an override has the form key=value"));
  CHECK_THAT(files.mistakes({"=3"}), Contains("an override has the form"));
  CHECK_THAT(files.mistakes({"epochs=1,2"}), Contains("several values") && Contains("--multirun"));
  CHECK_THAT(files.mistakes({"datasets.filter_keys=[raw"}), Contains("']' is missing"));
  CHECK_THAT(files.mistakes({"datasets.filter_keys=[raw] 3"}), Contains("text after the end"));
  CHECK_THAT(files.mistakes({"early_stop={patience: 3, patience: 4}"}), Contains("duplicate key"));
}

TEST_CASE("A multirun is the product of its sweeps") {
  const ConfigFiles files;
  const auto jobs = [&](const std::vector<std::string>& overrides) { return files.jobs(overrides); };
  CHECK(jobs({"a=1"}) == Lists{{"a=1"}});
  CHECK(jobs({}) == Lists{{}});
  CHECK(jobs({"lr=0.1, 0.01", "x=5", "datasets=cds,ml-1m"}) == Lists{{"lr=0.1", "x=5", "datasets=cds"},
                                                                     {"lr=0.1", "x=5", "datasets=ml-1m"},
                                                                     {"lr=0.01", "x=5", "datasets=cds"},
                                                                     {"lr=0.01", "x=5", "datasets=ml-1m"}});
  CHECK(jobs({"k=[raw,1755],[raw]", "m={a: 1, b: 2}", "t='a,b',\"c,\\\"d\"", "~z"}) ==
        Lists{{"k=[raw,1755]", "m={a: 1, b: 2}", "t='a,b'", "~z"},
              {"k=[raw,1755]", "m={a: 1, b: 2}", "t=\"c,\\\"d\"", "~z"},
              {"k=[raw]", "m={a: 1, b: 2}", "t='a,b'", "~z"},
              {"k=[raw]", "m={a: 1, b: 2}", "t=\"c,\\\"d\"", "~z"}});
  CHECK_THROWS_AS(jobs({"a=1,,2"}), Error);
}

}  // namespace latentcrs::test
