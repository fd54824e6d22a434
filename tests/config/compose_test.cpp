#include <catch2/catch.hpp>

#include "config/config_files.h"

namespace latentcrs::test {

using Catch::Matchers::Contains;

namespace {

/// main.yaml builds on base.yaml, which chooses from the groups pretrain and optim.
ConfigFiles files_with_groups() {
  ConfigFiles files;
  files.add("main.yaml", std::string(ConfigFiles::required) +
                             "defaults: [base, override pretrain: large, _self_]\n"
                             "epochs: 7\n");
  files.add("base.yaml", "defaults:\n- pretrain: small\n- optim: adam\n- _self_\nepochs: 5\nbatch_size: 32\n");
  files.add("pretrain/small.yaml", "n_views: 2\nepochs: 10\nencoder: {hidden_size: 16}\n");
  files.add("pretrain/large.yaml", "defaults: [small, _self_]\nn_views: 4\n");
  files.add("optim/adam.yaml", "adam_beta1: 0.8\n");
  files.add("optim/slow.yaml", "adam_beta2: 0.5\n");
  files.add("profile/short.yaml", "# Few epochs.\n# @package _global_\nepochs: 1\npretrain: {epochs: 2}\n");
  return files;
}

}  // namespace

TEST_CASE("Files apply in the order of the defaults list") {
  const LoadedConfig loaded = files_with_groups().load();
  CHECK(loaded.config.em.epochs == 7);
  CHECK(origin_of(loaded, "epochs") == "main.yaml:3");
  CHECK(loaded.config.em.batch_size == 32);
  CHECK(origin_of(loaded, "batch_size") == "base.yaml:6");
  CHECK(loaded.config.em.optim.adam_beta1 == 0.8);
  CHECK(origin_of(loaded, "optim.adam_beta2") == "default");
  // `override` replaces the choice of base.yaml; large.yaml itself builds on small.yaml of its group.
  CHECK(loaded.config.pretrain.n_views == 4);
  CHECK(loaded.config.pretrain.epochs == 10);
  CHECK(loaded.config.pretrain.encoder.hidden_size == 16);
  CHECK(loaded.values.front().key == "exp_name");
}

TEST_CASE("A file stands where _self_ does, else last") {
  ConfigFiles files;
  files.add("base.yaml", "epochs: 5\n");
  files.add("main.yaml", std::string(ConfigFiles::required) + "defaults: [_self_, base]\nepochs: 7\n");
  CHECK(files.load().config.em.epochs == 5);
  files.add("main.yaml", std::string(ConfigFiles::required) + "defaults: [base]\nepochs: 7\n");
  CHECK(files.load().config.em.epochs == 7);
}

TEST_CASE("The command line replaces, adds and removes choices of groups") {
  const ConfigFiles files = files_with_groups();
  CHECK(files.load({"pretrain=small"}).config.pretrain.n_views == 2);
  const Config slow = files.load({"optim=slow"}).config;
  CHECK(slow.em.optim.adam_beta1 == 0.9);
  CHECK(slow.em.optim.adam_beta2 == 0.5);
  CHECK(files.load({"~optim"}).config.em.optim.adam_beta1 == 0.9);
  const Config both = files.load({"optim=[adam,slow]"}).config;
  CHECK(both.em.optim.adam_beta1 == 0.8);
  CHECK(both.em.optim.adam_beta2 == 0.5);

  // A profile lies over the main file, and overrides lie over the profile, before or after it.
  const Config shortened = files.load({"pretrain.epochs=3", "+profile=short"}).config;
  CHECK(shortened.em.epochs == 1);
  CHECK(shortened.pretrain.epochs == 3);
}

TEST_CASE("A group can be left for the command line to choose") {
  ConfigFiles files = files_with_groups();
  files.add("main.yaml", std::string(ConfigFiles::required) + "defaults:\n- optim: ???\n- optional embed: mine\n");
  CHECK(files.mistakes() == "main.yaml:3: optim: choose one with optim=…; choices: adam, slow");
  CHECK(files.load({"optim=slow"}).config.em.optim.adam_beta2 == 0.5);
}

TEST_CASE("Mistakes in defaults lists name the place and the choices") {
  ConfigFiles files = files_with_groups();
  CHECK(files.mistakes({"optim=adma"}) ==
        "override 1: optim=adma: optim: no choice 'adma'; choices: adam, slow (did you mean adam?)");
  CHECK_THAT(files.mistakes({"profile=short"}),
             Contains("profile: no defaults list chooses this group (+profile=short adds it)"));
  files.add("main.yaml", std::string(ConfigFiles::required) + "defaults:\n- bose\n- base\n- base\n- 3: [4]\n- main\n");
  const std::string text = files.mistakes();
  CHECK_THAT(text,
             Contains("main.yaml:3: defaults: no choice 'bose'; choices: base") && Contains("(did you mean base?)"));
  CHECK_THAT(text, Contains("base.yaml:2: pretrain: the group is chosen twice (first at base.yaml:2"));
  CHECK_THAT(text, Contains("main.yaml:6: 3: there is no such group of files"));
  CHECK_THAT(text, Contains("main.yaml: defaults: the file includes itself"));
}

}  // namespace latentcrs::test
