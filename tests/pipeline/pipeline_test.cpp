// A whole run over stages made for the test: their order, what blocks them, and the checks before them.
#include "experiment/pipeline/pipeline.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "base/util/profile.h"
#include "experiment/pipeline/check_before_run.h"
#include "experiment/pipeline/runnable.h"
#include "pipeline/small_stages.h"

using namespace latentcrs;
using latentcrs::test::read_text;
using latentcrs::test::SmallRun;
using latentcrs::test::write_text;
using Names = std::vector<std::string>;
namespace fs = std::filesystem;

TEST_CASE("stages run in the order of the table, whatever the order of their names", "[pipeline]") {
  SmallRun run;
  run_stages(run.stages, run.loaded, {"second", "first"}, {});
  CHECK(run.is_finished("first"));
  CHECK(run.is_finished("second"));
  CHECK(fs::exists(run.dir / "run/config.yaml"));
  CHECK(fs::exists(run.dir / "run/run.json"));

  SECTION("a change of the first passes on to the second") {
    write_text(run.dir / "input.txt", "IN");
    run_stages(run.stages, run.loaded, {"first", "second"}, {});
    CHECK(run.runs["first"] == 2);
    CHECK(run.runs["second"] == 1);  // its input has the same contents again
    run.loaded.config.random_seed = 7;
    run_stages(run.stages, run.loaded, {"first", "second"}, {});
    CHECK(read_manifest(run.folder("second"))->settings.at("seed") == 7);
    CHECK(run.runs["second"] == 2);
  }
  SECTION("--force makes the named stages only") {
    run_stages(run.stages, run.loaded, {"second"}, {.force = true});
    CHECK(run.runs["first"] == 1);
    CHECK(run.runs["second"] == 2);
  }
}

TEST_CASE("the metrics and summaries of the stages are joined in the run folder", "[pipeline]") {
  SmallRun run;
  const auto works = run.stages[0].run;
  run.stages[0].run = [&](const StageContext& c) {
    write_text(c.folder.stage("first") / "metrics.jsonl", "{\"epoch\": 1}\n");
    write_stage_summary(c, "first", {{"Numbers", {{"a", "b"}, {"1", "2"}}}});
    return works(c);
  };
  run_stages(run.stages, run.loaded, {"first"}, {});
  CHECK(read_text(run.dir / "run/metrics.jsonl") == "{\"epoch\":1,\"stage\":\"first\"}\n");
  const std::string summary = read_text(run.dir / "run/summary.md");
  CHECK(summary.find("\n## first\n\n### Numbers\n") != std::string::npos);
  CHECK(summary.find("## second") == std::string::npos);
}

TEST_CASE("--profile writes where the time of each stage went, beside its result", "[pipeline]") {
  SmallRun run;
  const auto works = run.stages[0].run;
  run.stages[0].run = [&](const StageContext& c) { return profile::timed("work", [&] { return works(c); }); };
  const auto file = [&](const char* name) { return run.dir / "run/profile/first" / name; };
  run_stages(run.stages, run.loaded, {"first"}, {});
  CHECK_FALSE(fs::exists(run.dir / "run/profile"));

  run_stages(run.stages, run.loaded, {"first"}, {.force = true, .profile = true});
  const auto parts = nlohmann::json::parse(read_text(file("profile.json"))).at("parts");
  CHECK(parts[0].at("name") == "first");
  CHECK(parts[1].at("name") == "work");
  CHECK(nlohmann::json::parse(read_text(file("trace.json"))).at("traceEvents").size() == 2);
  CHECK(read_text(run.dir / "run/run.log").find("  work") != std::string::npos);
  CHECK(read_manifest(run.folder("first"))->outputs.size() == 1);
}

TEST_CASE("a stage that has to run first is named", "[pipeline]") {
  SmallRun run;
  CHECK_THROWS_WITH(run_stages(run.stages, run.loaded, {"second"}, {}),
                    Catch::StartsWith("second needs " + run.output("first").string()));
  CHECK(run.runs.empty());
}

TEST_CASE("a run ends where answers are still to come, without an error", "[pipeline]") {
  SmallRun run;
  run.stages[0].run = [](const StageContext&) -> StageOutcome { return {.answers_to_come = 5}; };
  run_stages(run.stages, run.loaded, {"first", "second"}, {.detach = true});
  CHECK(run.runs["second"] == 0);
  CHECK_FALSE(fs::exists(run.dir / "run/summary.md"));
}

TEST_CASE("a stage without the item features that it needs is blocked, and so are those that read its files",
          "[pipeline]") {
  SmallRun run;
  run.loaded.config.datasets.format = "sequences";
  run.loaded.config.datasets.features_name = "features.csv";
  run.stages[0].needs.item_features = true;
  const std::string lacks = lacks_features(run.context());
  REQUIRE(lacks.starts_with("item features ("));

  const StagePlan plan = plan_stages(run.stages, run.context(), {"first", "second"});
  CHECK(plan.runnable.empty());
  CHECK(plan.blocked_text() == "first needs " + lacks + "; second needs what first makes");
  CHECK_THROWS_WITH(run_stages(run.stages, run.loaded, {"second"}, {}), plan.blocked_text());
  CHECK_FALSE(fs::exists(run.dir / "run"));

  SECTION("only stages up to the last one asked for are named") {
    CHECK(plan_stages(run.stages, run.context(), {"first"}).blocked_text() == "first needs " + lacks);
  }
  SECTION("a file that somebody put in its place lifts the block") {
    write_text(run.output("first"), "imported");
    CHECK(plan_stages(run.stages, run.context(), {"second"}).runnable == Names{"second"});
  }
  SECTION("a file of the features lifts it too") {
    write_text(run.context().folder.features(), "MovieID,Title\n");
    CHECK(plan_stages(run.stages, run.context(), {"first", "second"}).runnable == Names{"first", "second"});
  }
  SECTION("a stage that does not declare the need is not blocked by it") {
    run.stages[1].needs.stages.clear();
    CHECK(plan_stages(run.stages, run.context(), {"second"}).runnable == Names{"second"});
  }
}

TEST_CASE("settings and templates of all stages are checked, the rest for those that run", "[pipeline]") {
  SmallRun run;
  Names made;
  for (Stage& stage : run.stages) {
    const auto note = [&made, name = stage.info.name](const std::string& check) {
      return [&made, name, check](const StageContext&) { made.push_back(name + " " + check); };
    };
    stage.checks = {note("settings"), note("templates"), note("before_run"), note("credentials")};
  }
  check_before_run(run.stages, run.context(), {"second"});
  CHECK(made == Names{"first settings", "second settings", "first templates", "second templates", "second before_run",
                      "second credentials"});

  made.clear();
  run.update_first();
  check_before_run(run.stages, run.context(), {"first"});
  CHECK(made.back() == "first before_run");  // a finished stage asks nobody

  run.stages[0].checks = {.settings = [](const StageContext&) { throw config_error("simulate.chat.model: required"); }};
  CHECK_THROWS_WITH(run_stages(run.stages, run.loaded, {"second"}, {}), "simulate.chat.model: required");
  CHECK(run.runs["second"] == 0);
}
