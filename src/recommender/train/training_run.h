// The frame of a training around its epochs: it logs metrics, stops early, saves the state and goes on from it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/util/metrics_log.h"
#include "recommender/train/early_stop.h"

namespace latentcrs {

/// The state of a training between two epochs, as far as it is the same for every training.
struct TrainingProgress {
  std::string fingerprint = {};  ///< equal for trainings that compute the same; empty: the caller vouches for it
  int64_t epoch = 0;             ///< epochs finished
  int64_t metrics_position = 0;  ///< bytes of metrics.jsonl
  std::string early_stop = {};   ///< JSON
};

struct TrainingRunOptions {
  std::string name;  ///< for messages: pretrain, em
  std::filesystem::path folder;
  EarlyStopOptions early_stop;
  EventFiles events = EventFiles::none;
  double save_seconds = 0;       ///< least time between two saved states; 0: after every epoch
  std::string fingerprint = {};  ///< of this training
};

/// Keeps metrics.jsonl and state.pt in the training's folder; of several processes the first one writes them and all
/// read them. A training begins once, then begins and reports epoch after epoch. A training's state holds more than the
/// progress, so the training gives the functions that read and write it.
class TrainingRun {
 public:
  explicit TrainingRun(TrainingRunOptions options);

  /// The state of an interrupted run, whose epochs and lines of metrics count from here on. Without one, or with that
  /// of another training, the run starts at epoch 0 and an empty log. `State` has a member `progress`; `read` returns
  /// nullopt if the file does not exist.
  template <class State>
  std::optional<State> begin(std::optional<State> (*read)(const std::filesystem::path&)) {
    std::optional<State> state = read(state_path());
    if (state && !belongs(state->progress)) state.reset();
    take_up(state ? state->progress : TrainingProgress());
    return state;
  }
  /// Starts without a look at any state.
  void begin_anew() { take_up({}); }
  /// Starts counting epochs and scores again, for another stage in the same folder.
  void begin_stage();

  /// The last epoch begun, from 1; 0 before the first one.
  int64_t epoch() const { return epoch_; }
  const EarlyStop& early_stop() const { return stop_; }
  bool finished(int64_t epochs) const { return epoch_ >= epochs || stop_.should_stop(); }

  /// Returns the number of the epoch.
  int64_t begin_epoch();
  /// Notes the epoch's validation score, and returns whether it is the best so far. Throws Error(numeric) for NaN.
  bool improves(double score) { return stop_.update(score, static_cast<int>(epoch_)); }
  /// {"epoch": …, "seconds": …}, the time since the epoch began; without seconds before the first epoch.
  nlohmann::json epoch_line() const;
  /// Appends a line to metrics.jsonl.
  void append(const nlohmann::json& line);
  /// Whether the last state is older than save_seconds: what the first process says, in all of them.
  bool save_is_due() const;
  /// Has `write` write the state to state_path(), in the first process.
  void save(const std::function<void(const TrainingProgress&)>& write);
  std::filesystem::path state_path() const { return options_.folder / "state.pt"; }

 private:
  using Clock = std::chrono::steady_clock;

  bool belongs(const TrainingProgress& progress) const;
  void take_up(const TrainingProgress& progress);

  TrainingRunOptions options_;
  EarlyStop stop_;
  int64_t epoch_ = 0;
  std::optional<MetricsLog> metrics_;
  Clock::time_point epoch_began_, saved_;
};

}  // namespace latentcrs
