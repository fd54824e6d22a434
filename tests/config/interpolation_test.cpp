#include <catch2/catch.hpp>

#include "config/config_files.h"

namespace latentcrs::test {

using Catch::Matchers::Contains;

TEST_CASE("Interpolations take the values of other keys") {
  const Config config = ConfigFiles(
                            "exp_name: lr${learning_rate}_${datasets.dataset_name}\n"
                            "learning_rate: 0.001\n"
                            "batch_size: ${pretrain.batch_size}\n"
                            "pretrain:\n"
                            "  batch_size: 32\n"
                            "  epochs: ${.batch_size}\n"
                            "  encoder:\n"
                            "    max_seq_length: ${..batch_size}\n"
                            "    hidden_size: ${pretrain.batch_size}\n"
                            "  checkpoint: models/${.encoder.hidden_size}/${..exp_name}.pt\n"
                            "prior: {m_ux: {layer_hidden: '${.text_projection}', text_projection: [7, 8]}}\n")
                            .load()
                            .config;
  CHECK(config.exp_name == "lr0.001_d");
  CHECK(config.output_dir == "outputs/lr0.001_d");
  CHECK(config.em.batch_size == 32);
  CHECK(config.pretrain.epochs == 32);
  CHECK(config.pretrain.encoder.max_seq_length == 32);
  CHECK(config.pretrain.encoder.hidden_size == 32);
  CHECK(config.pretrain.checkpoint == "models/32/lr0.001_d.pt");
  CHECK(config.em.prior.m_ux.layer_hidden == std::vector<int>{7, 8});
}

TEST_CASE("Interpolations see aliases, overrides, stages and other interpolations") {
  const Config config =
      ConfigFiles(
          "exp_name: K${datasets.precalculated_recmodel.checkpoint}-${early_stop.${datasets.id_column}}\n"
          "stages:\n"
          "  - {name: a, epochs: 3}\n"
          "  - name: after-${.epochs}-${stages.a.name}\n"
          "    epochs: ${stages.0.epochs}\n")
          .load({"pretrain.checkpoint=x", "datasets.id_column=patience"})
          .config;
  CHECK(config.exp_name == "Kx-20");
  CHECK(config.em.stages[1].epochs == 3);
  CHECK(config.em.stages[1].name == "after-3-a");
}

TEST_CASE("An escaped interpolation is text, and survives being written") {
  const LoadedConfig loaded = ConfigFiles(R"(exp_name: a\${b})"
                                          "\n")
                                  .load();
  CHECK(loaded.config.exp_name == "a${b}");
  ConfigFiles again;
  again.add("main.yaml", to_yaml(loaded, Origins::left_out));
  CHECK(again.load().config.exp_name == "a${b}");
  CHECK(again.load().config.output_dir == "outputs/a${b}");
}

TEST_CASE("Wrong interpolations") {
  CHECK(ConfigFiles("batch_size: ${epoch}\n").mistakes() ==
        "main.yaml:2: batch_size: ${epoch}: unknown key (did you mean epochs?)");
  CHECK(ConfigFiles("batch_size: ${epochs}\nepochs: ${eval_batch_size}\neval_batch_size: ${batch_size}\n").mistakes() ==
        "main.yaml:2: batch_size: interpolations in a circle: batch_size -> epochs -> eval_batch_size -> batch_size");
  CHECK_THAT(ConfigFiles("epochs: ${exp_name}\n").mistakes(),
             Contains("epochs: expected an integer, got 'default' (from '${exp_name}')"));
  CHECK_THAT(ConfigFiles("exp_name: ${pretrain}\n").mistakes(),
             Contains("expected text, got a map (from '${pretrain}')"));
  CHECK_THAT(ConfigFiles("exp_name: a${threads\n").mistakes(), Contains("without its closing brace"));
  CHECK_THAT(ConfigFiles("exp_name: ${now:%Y}\n").mistakes(), Contains("there is no resolver now"));
  // Only the value that has to be given is to blame.
  CHECK_THAT(ConfigFiles("epochs: ???\nbatch_size: ${epochs}\n").mistakes(),
             Catch::Matchers::StartsWith("main.yaml:2: epochs: required, but it has no value"));
}

}  // namespace latentcrs::test
