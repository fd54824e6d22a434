// The lines in which a stale stage names its changed settings.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "experiment/run/manifest.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using nlohmann::json;
using Lines = std::vector<std::string>;

namespace {

const json kBefore = json::parse(R"({"em": {"learning_rate": 0.001, "stages": [
    {"name": "posterior", "epochs": -1, "no_mstep": true},
    {"name": "prior", "epochs": -1, "no_mstep": false},
    {"name": "joint", "epochs": -1, "no_mstep": false}]},
  "random_seed": 42, "filter_keys": ["raw", "1755"]})");

/// The lines about a stage made with `before` that is wanted with `now`.
Lines setting_changes(const json& before, const json& now) {
  const test::TempDir dir;
  Manifest made{.stage = "train", .version = "1", .settings = before};
  test::write_text(dir / "out.txt", "out");
  made.outputs = stamp_outputs(dir.path());
  write_manifest(made, dir.path());
  Lines lines;
  std::istringstream text(why_stale({.stage = "train", .version = "1", .settings = now}, dir.path()));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("settings that are equal have no changes", "[manifest]") { CHECK(setting_changes(kBefore, kBefore).empty()); }

TEST_CASE("each changed key has a line with both values, entries of lists by name", "[manifest]") {
  json now = kBefore;
  now["em"]["stages"][2]["epochs"] = 5;
  now["em"]["stages"][0]["no_mstep"] = false;
  now["em"]["learning_rate"] = 0.01;
  now["filter_keys"] = {"raw"};
  CHECK(setting_changes(kBefore, now) ==
        Lines{"learning_rate was 0.001 and is 0.01", "stages.posterior.no_mstep was true and is false",
              "stages.joint.epochs was -1 and is 5", "filter_keys was [\"raw\",\"1755\"] and is [\"raw\"]"});
}

TEST_CASE("stages that come, go or change places are named, not printed", "[manifest]") {
  json now = kBefore;
  now["em"]["stages"].erase(1);
  now["em"]["stages"].push_back({{"name", "again"}, {"epochs", 3}});
  CHECK(setting_changes(kBefore, now) == Lines{"stages.again is new", "stages.prior is gone"});
  now = kBefore;
  std::swap(now["em"]["stages"][0], now["em"]["stages"][1]);
  CHECK(setting_changes(kBefore, now) ==
        Lines{"stages came in the order posterior, prior, joint and come in the order prior, posterior, joint"});
}

TEST_CASE("keys that only one side has are named, and long values are cut", "[manifest]") {
  json now = kBefore;
  now["random_seed"] = std::string(500, 'x');
  now["more"] = 7;
  now.erase("filter_keys");
  const Lines lines = setting_changes(kBefore, now);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "more is new: 7");
  CHECK(lines[1].starts_with("random_seed was 42 and is \"xxx"));
  CHECK(lines[1].size() < 150);
  CHECK(lines[2] == "filter_keys is no longer a setting of this stage");
}
