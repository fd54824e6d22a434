#include "recommender/train/training_run.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/util/log.h"
#include "base/util/profile.h"
#include "numerics/parallel/processes.h"

namespace latentcrs {

namespace {

double elapsed_seconds(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TrainingRun::TrainingRun(TrainingRunOptions options)
    : options_(std::move(options)), stop_(options_.early_stop), saved_(Clock::now()) {}

bool TrainingRun::belongs(const TrainingProgress& progress) const {
  if (progress.fingerprint == options_.fingerprint) return true;
  log::warn("{}: {} belongs to other settings or data; training starts again", options_.name, state_path().string());
  return false;
}

void TrainingRun::take_up(const TrainingProgress& progress) {
  epoch_ = progress.epoch;
  if (!progress.early_stop.empty()) stop_.from_json(nlohmann::json::parse(progress.early_stop));
  if (Processes::current().leads())
    metrics_.emplace(options_.folder / "metrics.jsonl", progress.metrics_position, options_.events);
}

void TrainingRun::begin_stage() {
  epoch_ = 0;
  stop_ = EarlyStop(options_.early_stop);
}

int64_t TrainingRun::begin_epoch() {
  epoch_began_ = Clock::now();
  return ++epoch_;
}

void TrainingRun::append(const nlohmann::json& line) {
  if (metrics_) metrics_->append(line);
}

nlohmann::json TrainingRun::epoch_line() const {
  nlohmann::json line = {{"epoch", epoch_}};
  if (epoch_ > 0) line["seconds"] = elapsed_seconds(epoch_began_);
  return line;
}

bool TrainingRun::save_is_due() const {
  const char* const own = elapsed_seconds(saved_) < options_.save_seconds ? "" : "due";
  return !Processes::current().from_leader(own).empty();
}

void TrainingRun::save(const std::function<void(const TrainingProgress&)>& write) {
  saved_ = Clock::now();
  if (!metrics_) return;
  const profile::Scope scope("save");
  write({.fingerprint = options_.fingerprint,
         .epoch = epoch_,
         .metrics_position = metrics_->position(),
         .early_stop = stop_.to_json().dump()});
}

}  // namespace latentcrs
