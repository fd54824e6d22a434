// When to stop: a score has not risen for `patience` epochs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "base/config/early_stop_options.h"

namespace latentcrs {

struct EarlyStop {
  explicit EarlyStop(const EarlyStopOptions& options) : patience(options.patience), delta(options.delta) {}

  int patience;
  double delta;
  std::optional<double> best;
  int best_epoch = 0;
  int bad_epochs = 0;  ///< epochs since the best one

  /// Notes the score of `epoch` (ascending); true if it exceeds the best so far by more than `delta`, as the first one
  /// does. Throws Error(numeric) for NaN.
  bool update(double score, int epoch);
  bool should_stop() const { return bad_epochs >= patience; }

  /// The members that update() changes; patience and delta come from the options.
  nlohmann::json to_json() const;
  void from_json(const nlohmann::json& state);
};

}  // namespace latentcrs
