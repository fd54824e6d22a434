// Each stage's declarations against what its functions do, with the shipped config tiny.
#include "experiment/stages/stage_table.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "base/config/load_config.h"
#include "base/util/error.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Names = std::vector<std::string>;
using NameSet = std::set<std::string>;

namespace {

LoadedConfig load_tiny(const test::TempDir& dir, std::vector<std::string> overrides = {}) {
  overrides.push_back(text_override("output_dir", (dir / "run").string()));
  return load_config("tiny", overrides);
}

const Names kRemote = {"simulate=gemini",
                       "simulate.chat.model=m",
                       "embed=openai",
                       "embed.remote.model=e",
                       "embed.remote.base_url=http://127.0.0.1:9/v1",
                       "evaluate.extractor.provider=gemini",
                       "evaluate.extractor.chat.model=m",
                       "evaluate.zero_shot.provider=openai",
                       "evaluate.zero_shot.chat.model=m"};

Names with(Names overrides, const Names& more) {
  overrides.insert(overrides.end(), more.begin(), more.end());
  return overrides;
}

/// The stages in whose folders `inputs` lie.
NameSet stages_of(const std::vector<std::filesystem::path>& inputs, const RunFolder& folder) {
  NameSet names;
  for (const auto& input : inputs) {
    const auto place = input.lexically_relative(folder.root());
    if (!place.empty() && *place.begin() != "..") names.insert(place.begin()->string());
  }
  return names;
}

void check_settings_of_all(const StageContext& context) {
  for (const Stage& stage : all_stages())
    if (stage.checks.settings) stage.checks.settings(context);
}

}  // namespace

TEST_CASE("the table of stages is that of their names, each after the stages it needs", "[stages]") {
  NameSet earlier;
  Names names;
  for (const Stage& stage : all_stages()) {
    INFO(stage.info.name);
    for (const std::string& needed : stage.needs.stages) CHECK(earlier.contains(needed));
    earlier.insert(stage.info.name);
    names.push_back(stage.info.name);
    CHECK(stage.settings);
    CHECK(stage.inputs);
    CHECK(stage.run);
  }
  CHECK(names == stage_names());
  CHECK_THROWS_AS(stage_named("dream"), Error);
}

TEST_CASE("the options of a stage are those that it can follow", "[stages]") {
  for (const Stage& stage : all_stages()) {
    INFO(stage.info.name);
    const auto takes = [&](StageOption option) {
      return std::count(stage.info.options.begin(), stage.info.options.end(), option) == 1;
    };
    CHECK(takes(StageOption::dry_run) == static_cast<bool>(stage.planned_requests));
    CHECK(takes(StageOption::retry) == static_cast<bool>(stage.retry));
  }
}

TEST_CASE("the inputs of a stage lie in the folders of the stages that it needs", "[stages]") {
  const test::TempDir dir;
  for (const Names& overrides : {Names{}, kRemote}) {
    const LoadedConfig loaded = load_tiny(dir, overrides);
    const StageContext context = make_context(loaded, c10::kCPU);
    for (const Stage& stage : all_stages()) {
      INFO(stage.info.name);
      CHECK(stages_of(stage.inputs(context), context.folder) ==
            NameSet(stage.needs.stages.begin(), stage.needs.stages.end()));
    }
  }
}

TEST_CASE("the stages that speak of items need item features", "[stages]") {
  const test::TempDir dir;
  const LoadedConfig loaded = load_tiny(dir, {"datasets.format=sequences", "datasets.metadata="});
  const StageContext context = make_context(loaded, c10::kCPU);
  NameSet blocked;
  for (const Stage& stage : all_stages())
    if (!stage.lacks(context).empty()) blocked.insert(stage.info.name);
  CHECK(blocked == NameSet{"simulate", "evaluate"});
}

TEST_CASE("the user's own files are named by settings of the schema", "[stages]") {
  const test::TempDir dir;
  const LoadedConfig loaded = load_tiny(
      dir, {"pretrain.checkpoint=a.pt", "pretrain.centers=b.npy", "prior.load_pretrained=true",
            "prior.pretrained_path=c.pt", "posterior.load_pretrained=true", "posterior.pretrained_path=d.pt"});
  NameSet keys;
  for (const ResolvedValue& value : loaded.values) keys.insert(value.key);
  Names settings;
  for (const Stage& stage : all_stages()) {
    if (!stage.config_files) continue;
    for (const ConfigFile& file : stage.config_files(loaded.config)) {
      CHECK(keys.contains(file.setting));
      settings.push_back(stage.info.name + " " + file.setting);
    }
  }
  CHECK(settings == Names{"preprocess datasets.interactions", "preprocess datasets.metadata",
                          "pretrain pretrain.checkpoint", "pretrain pretrain.centers", "train prior.pretrained_path",
                          "train posterior.pretrained_path"});
}

TEST_CASE("each stage checks the settings of the services that it asks", "[stages]") {
  const test::TempDir dir;
  const auto complaint = [&](const Names& overrides) -> std::string {
    const LoadedConfig loaded = load_tiny(dir, overrides);
    try {
      check_settings_of_all(make_context(loaded, c10::kCPU));
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  CHECK(complaint({}) == "");
  CHECK(complaint(kRemote) == "");
  CHECK(complaint(with(kRemote, {"simulate.chat.model="})) == "simulate.chat.model: required with provider gemini");
  CHECK(complaint(with(kRemote, {"embed.remote.base_url="})) == "embed.remote.base_url: required with provider openai");
  CHECK(complaint(with(kRemote, {"evaluate.extractor.chat.model="})) ==
        "evaluate.extractor.chat.model: required with provider gemini");
  CHECK(complaint(with(kRemote, {"evaluate.zero_shot.chat.model="})) ==
        "evaluate.zero_shot.chat.model: required with provider openai");
  CHECK(complaint(with(kRemote, {"evaluate.multi_turn=false", "evaluate.extractor.chat.model="})) == "");
}

TEST_CASE("templates are read before the first stage", "[stages]") {
  const test::TempDir dir;
  test::write_text(dir / "bad.txt", "Say {nothing}.\n");
  const auto complaining = [&](const std::string& setting) {
    const LoadedConfig loaded = load_tiny(dir, with(kRemote, {text_override(setting, (dir / "bad.txt").string())}));
    const StageContext context = make_context(loaded, c10::kCPU);
    Names names;
    for (const Stage& stage : all_stages()) try {
        if (stage.checks.templates) stage.checks.templates(context);
      } catch (const Error& e) {
        CHECK(std::string(e.what()).find("bad.txt") != std::string::npos);
        names.push_back(stage.info.name);
      }
    return names;
  };
  CHECK(complaining("simulate.prompt_template") == Names{"simulate"});
  CHECK(complaining("evaluate.extractor.prompt_template") == Names{"evaluate"});
  CHECK(complaining("evaluate.zero_shot.prompt_template") == Names{"evaluate"});
}

TEST_CASE("settings with which a stage would fail are found before it runs", "[stages]") {
  const test::TempDir dir;
  const auto failing = [&](const Names& overrides) {
    const LoadedConfig loaded = load_tiny(dir, overrides);
    const StageContext context = make_context(loaded, c10::kCPU);
    Names names;
    for (const Stage& stage : all_stages()) try {
        if (stage.checks.before_run) stage.checks.before_run(context);
      } catch (const Error& e) {
        CHECK(e.kind() == ErrorKind::config);
        names.push_back(stage.info.name);
      }
    return names;
  };
  CHECK(failing({}).empty());
  CHECK(failing({"pretrain.seq_representation_type=concatenate"}) == Names{"train"});
  CHECK(failing({"pretrain.seq_representation_type=concatenate", "pretrain.checkpoint=a.pt", "pretrain.centers=c.npy"})
            .empty());
  CHECK(failing({"datasets.meta_task_keys=[a,b]"}) == Names{"embed", "evaluate"});
  CHECK(failing({"datasets.meta_task_keys=[a,b]", "evaluate.multi_turn=false"}) == Names{"embed"});
}
