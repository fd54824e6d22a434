#include "recommender/train/training_run.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/log_level.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using latentcrs::test::read_text;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// A training whose state is its progress and a number.
struct NumberState {
  TrainingProgress progress;
  int number = 0;
};

void write_number(const NumberState& state, const fs::path& path) {
  write_text(path, json{{"fingerprint", state.progress.fingerprint},
                        {"epoch", state.progress.epoch},
                        {"position", state.progress.metrics_position},
                        {"early_stop", state.progress.early_stop},
                        {"number", state.number}}
                       .dump());
}

std::optional<NumberState> read_number(const fs::path& path) {
  if (!fs::exists(path)) return std::nullopt;
  const json read = json::parse(read_text(path));
  return NumberState{.progress = {.fingerprint = read["fingerprint"],
                                  .epoch = read["epoch"],
                                  .metrics_position = read["position"],
                                  .early_stop = read["early_stop"]},
                     .number = read["number"]};
}

TrainingRun run_in(const TempDir& dir, const std::string& fingerprint = "mine") {
  return TrainingRun({.name = "counting",
                      .folder = dir.path(),
                      .early_stop = {.patience = 2, .delta = 0, .stop_metrics = "HIT@1"},
                      .fingerprint = fingerprint});
}

/// One epoch with a score; the state's number is the epoch.
void train_epoch(TrainingRun& run, double score) {
  const int64_t epoch = run.begin_epoch();
  run.improves(score);
  run.append({{"epoch", epoch}});
  if (!run.save_is_due()) return;
  run.save([&](const TrainingProgress& progress) {
    write_number({progress, static_cast<int>(epoch)}, run.state_path());
  });
}

}  // namespace

TEST_CASE("a run without a state starts at epoch 0", "[training_run]") {
  const TempDir dir;
  write_text(dir / "metrics.jsonl", "of another run\n");
  TrainingRun run = run_in(dir);
  CHECK_FALSE(run.begin(read_number));
  CHECK(run.epoch() == 0);
  CHECK(read_text(dir / "metrics.jsonl").empty());
  CHECK(run.epoch_line() == json{{"epoch", 0}});
  CHECK(run.begin_epoch() == 1);
  CHECK(run.epoch_line().at("seconds") >= 0.0);
}

TEST_CASE("a run goes on where it was interrupted", "[training_run]") {
  const TempDir dir;
  TrainingRun first = run_in(dir);
  first.begin(read_number);
  train_epoch(first, 0.5);
  train_epoch(first, 0.4);
  first.append({{"epoch", 3}});  // a line after the last saved state

  TrainingRun second = run_in(dir);
  const std::optional<NumberState> state = second.begin(read_number);
  REQUIRE(state);
  CHECK(state->number == 2);
  CHECK(second.epoch() == 2);
  CHECK(second.early_stop().best_epoch == 1);
  CHECK(read_text(dir / "metrics.jsonl") == "{\"epoch\":1}\n{\"epoch\":2}\n");
  CHECK_FALSE(second.finished(10));
  train_epoch(second, 0.3);  // the second epoch without a better score
  CHECK(second.finished(10));
}

TEST_CASE("the state of another training is not taken up", "[training_run]") {
  const test::LogLevel quiet(log::Level::error);
  const TempDir dir;
  TrainingRun other = run_in(dir, "other");
  other.begin(read_number);
  train_epoch(other, 0.5);
  TrainingRun run = run_in(dir);
  CHECK_FALSE(run.begin(read_number));
  CHECK(run.epoch() == 0);
  CHECK(read_text(dir / "metrics.jsonl").empty());
}

TEST_CASE("a state is saved when it is due", "[training_run]") {
  const TempDir dir;
  TrainingRun run({.name = "counting", .folder = dir.path(), .early_stop = {}, .save_seconds = 3600});
  run.begin(read_number);
  train_epoch(run, 0.5);
  CHECK_FALSE(fs::exists(run.state_path()));
}

TEST_CASE("a stage counts epochs and scores of its own", "[training_run]") {
  const TempDir dir;
  TrainingRun run = run_in(dir);
  run.begin(read_number);
  train_epoch(run, 0.5);
  run.begin_stage();
  CHECK(run.epoch() == 0);
  CHECK_FALSE(run.early_stop().best);
  CHECK(run.finished(0));
  CHECK(run.begin_epoch() == 1);
  CHECK(run.improves(0.1));
}
