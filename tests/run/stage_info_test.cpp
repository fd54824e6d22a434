#include "experiment/run/stage_info.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "base/config/schema.h"
#include "base/util/error.h"

using namespace latentcrs;

namespace {

bool takes(const std::string& stage, StageOption option) {
  const std::vector<StageOption>& options = stage_info(stage).options;
  return std::find(options.begin(), options.end(), option) != options.end();
}

}  // namespace

TEST_CASE("the stages have different names and say what they make and do", "[stage_info]") {
  const std::vector<std::string> names = stage_names();
  CHECK(names == std::vector<std::string>{"preprocess", "pretrain", "simulate", "embed", "train", "evaluate"});
  CHECK(std::set<std::string>(names.begin(), names.end()).size() == names.size());
  for (const StageInfo& info : stage_infos()) {
    INFO(info.name);
    CHECK_FALSE(info.makes.empty());
    CHECK_FALSE(info.help.ends_with('.'));
    CHECK(info.details.starts_with("Reads   "));
    CHECK(info.details.find("\nWrites  <output_dir>/" + info.name + "/") != std::string::npos);
    CHECK(info.details.find("  latentcrs " + info.name + " -c ") != std::string::npos);
    // --detach refuses --dry-run, so a stage that has the first has the second.
    if (takes(info.name, StageOption::detach)) CHECK(takes(info.name, StageOption::dry_run));
  }
}

TEST_CASE("only stages that speak to a model can be tried dry", "[stage_info]") {
  for (const std::string stage : {"simulate", "embed", "evaluate"}) CHECK(takes(stage, StageOption::dry_run));
  for (const std::string stage : {"preprocess", "pretrain", "train"}) CHECK_FALSE(takes(stage, StageOption::dry_run));
  CHECK(takes("simulate", StageOption::retry));
  CHECK_FALSE(takes("evaluate", StageOption::retry));
}

TEST_CASE("an unknown stage is a defect of ours", "[stage_info]") {
  CHECK_THROWS_WITH(stage_info("dream"), "no stage dream in the table of stages");
}

TEST_CASE("Every stage that a setting decides is in the table", "[stage_info]") {
  const std::vector<std::string> stages = stage_names();
  Config config;
  for (const Field& field : schema(config))
    for (const std::string_view stage : field.influence.stages) {
      CAPTURE(field.key, stage);
      CHECK(std::find(stages.begin(), stages.end(), stage) != stages.end());
    }
}
