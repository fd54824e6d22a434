// How the runner treats one stage: skipped, made, gone on with, taken back.
#include "experiment/pipeline/stage_runner.h"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "base/util/error.h"
#include "pipeline/small_stages.h"

using namespace latentcrs;
using latentcrs::test::read_text;
using latentcrs::test::SmallRun;
using latentcrs::test::write_text;
namespace fs = std::filesystem;

namespace {

size_t count_superseded(const SmallRun& run) {
  const fs::path folder = run.dir / "run/superseded";
  if (!fs::exists(folder)) return 0;
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a stage that is up to date is skipped", "[runner]") {
  SmallRun run;
  run.update_first();
  CHECK(run.is_finished("first"));
  CHECK(read_manifest(run.folder("first"))->outputs.contains("out.txt"));
  run.update_first();
  CHECK(run.runs["first"] == 1);

  SECTION("until its input changes") {
    write_text(run.dir / "input.txt", "IN");
    run.update_first();
    CHECK(run.runs["first"] == 2);
  }
  SECTION("until somebody edits its result, which is then made from nothing") {
    write_text(run.output("first"), "edited");
    write_text(run.folder("first") / "more.txt", "of somebody");
    run.update_first();
    CHECK(run.runs["first"] == 2);
    CHECK(read_text(run.output("first")) == "first of seed 42");
    CHECK_FALSE(fs::exists(run.folder("first") / "more.txt"));
  }
  SECTION("--force makes it all the same") {
    run.update_first({.force = true});
    CHECK(run.runs["first"] == 2);
    CHECK(count_superseded(run) == 0);
  }
}

TEST_CASE("a result of other settings is set aside and comes back with its settings", "[runner]") {
  SmallRun run;
  run.update_first_with_seed(1);
  run.update_first_with_seed(2);
  CHECK(run.runs["first"] == 2);
  CHECK(read_text(run.output("first")) == "first of seed 2");
  CHECK(count_superseded(run) == 1);

  run.update_first_with_seed(1);
  CHECK(run.runs["first"] == 2);  // taken back, not made
  CHECK(read_text(run.output("first")) == "first of seed 1");
  CHECK(run.is_finished("first"));
  CHECK(count_superseded(run) == 1);  // now that of seed 2

  SECTION("--force removes the one that would come back") {
    run.loaded.config.random_seed = 2;
    run.update_first({.force = true});
    CHECK(run.runs["first"] == 3);
    CHECK(count_superseded(run) == 1);  // that of seed 1
  }
}

TEST_CASE("a stage that throws leaves the earlier result", "[runner]") {
  SmallRun run;
  run.update_first_with_seed(1);
  const auto works = run.stages[0].run;
  run.stages[0].run = [](const StageContext& c) -> StageOutcome {
    write_text(c.folder.stage("first") / "half.txt", "half");
    throw data_error("a bad line");
  };
  CHECK_THROWS_WITH(run.update_first_with_seed(2), "a bad line");
  CHECK_FALSE(run.is_finished("first"));

  SECTION("which comes back") {
    run.update_first_with_seed(1);
    CHECK(read_text(run.output("first")) == "first of seed 1");
    CHECK(run.is_finished("first"));
  }
  SECTION("and files of the failed attempt, for the next attempt with the same settings") {
    run.stages[0].run = works;
    run.update_first_with_seed(2);
    CHECK(read_text(run.folder("first") / "half.txt") == "half");
    CHECK(run.is_finished("first"));
  }
}

TEST_CASE("an interrupted stage goes on from what it saved", "[runner]") {
  SmallRun run;
  const auto works = run.stages[0].run;
  run.stages[0].run = [](const StageContext& c) -> StageOutcome {
    write_text(c.folder.stage("first") / "state.pt", "epoch 3");
    throw Error(ErrorKind::interrupted, "stopped");
  };
  CHECK_THROWS_AS(run.update_first_with_seed(1), Error);
  CHECK_FALSE(run.is_finished("first"));
  std::string found = "nothing";
  run.stages[0].run = [&](const StageContext& c) {
    const fs::path state = c.folder.stage("first") / "state.pt";
    found = fs::exists(state) ? read_text(state) : "nothing";
    return works(c);
  };

  SECTION("with the same settings") {
    run.update_first();
    CHECK(found == "epoch 3");
    CHECK(run.is_finished("first"));
    CHECK_FALSE(fs::exists(run.folder("first") / "state.pt"));  // of no use any more
  }
  SECTION("not with other settings, but again when its own return") {
    run.update_first_with_seed(2);
    CHECK(found == "nothing");
    run.update_first_with_seed(1);
    CHECK(found == "epoch 3");
    CHECK(read_text(run.output("first")) == "first of seed 1");
  }
  SECTION("not with --force") {
    run.update_first({.force = true});
    CHECK(found == "nothing");
  }
}

TEST_CASE("--retry goes on with a finished stage that lacks answers", "[runner]") {
  SmallRun run;
  run.update_first();
  size_t lacking = 2;
  run.stages[0].retry = [&](const StageContext&) { return lacking; };
  run.update_first();
  CHECK(run.runs["first"] == 1);

  write_text(run.folder("first") / "kept.txt", "an answer");  // no output of the first run
  run.update_first({.retry = true});
  CHECK(run.runs["first"] == 2);
  CHECK(fs::exists(run.folder("first") / "kept.txt"));
  CHECK(run.is_finished("first"));

  lacking = 0;
  run.update_first({.retry = true});
  CHECK(run.runs["first"] == 2);
}

TEST_CASE("a stage whose retry breaks off stays unfinished", "[runner]") {
  SmallRun run;
  run.update_first();
  run.stages[0].retry = [](const StageContext&) { return size_t{1}; };
  run.stages[0].run = [](const StageContext&) -> StageOutcome { throw Error(ErrorKind::interrupted, "stopped"); };
  CHECK_THROWS_AS(run.update_first({.retry = true}), Error);
  CHECK_FALSE(run.is_finished("first"));
  CHECK(fs::exists(run.output("first")));
}

TEST_CASE("a stage with answers to come is not finished and keeps its files", "[runner]") {
  SmallRun run;
  const auto works = run.stages[0].run;
  run.stages[0].run = [&](const StageContext& c) -> StageOutcome {
    works(c);
    return {.answers_to_come = 3};
  };
  CHECK(run.update_first().answers_to_come == 3);
  CHECK_FALSE(run.is_finished("first"));
  CHECK(fs::exists(run.output("first")));
  run.stages[0].run = works;
  CHECK(run.update_first().answers_to_come == 0);
  CHECK(run.is_finished("first"));
  CHECK(run.runs["first"] == 2);
}

TEST_CASE("a stage names the input that is not there", "[runner]") {
  SmallRun run;
  CHECK_THROWS_WITH(bring_up_to_date(run.stages[1], run.context(), {}),
                    "second needs " + run.output("first").string() +
                        ", which is not there: run `latentcrs run` with the same config, or the stage that makes it");
  CHECK(run.runs["second"] == 0);
  fs::create_directories(run.output("first"));
  CHECK_THROWS_WITH(bring_up_to_date(run.stages[1], run.context(), {}),
                    "second: " + run.output("first").string() + " is a folder, not a file");
}

TEST_CASE("inputs inside the run folder are named by their place in it", "[runner]") {
  SmallRun run;
  run.update_first();
  bring_up_to_date(run.stages[1], run.context(), {});
  CHECK(read_manifest(run.folder("first"))->inputs.contains((run.dir / "input.txt").string()));
  CHECK(read_manifest(run.folder("second"))->inputs.contains("first/out.txt"));

  fs::rename(run.dir / "run", run.dir / "moved");
  run.loaded.config.output_dir = (run.dir / "moved").string();
  run.stages[1].inputs = [&](const StageContext&) { return std::vector{run.dir / "moved/first/out.txt"}; };
  bring_up_to_date(run.stages[1], run.context(), {});
  CHECK(run.runs["second"] == 1);  // still up to date
}
