// state.pt of pretraining, from which an interrupted run goes on.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "numerics/tensor/tensor_file.h"
#include "recommender/train/pretrainer.h"
#include "recommender/train/training_run.h"

namespace latentcrs {

struct PretrainState {
  TrainingProgress progress;
  StateDict model, best, adam;
};

/// Equal for jobs that compute the same: options, compat switches that count here, seed and data.
std::string fingerprint(const PretrainJob& job);

void write_state(const PretrainState& state, const std::filesystem::path& path);
/// nullopt if the file does not exist. Throws Error(data) for a file that pretraining did not write.
std::optional<PretrainState> read_state(const std::filesystem::path& path);

}  // namespace latentcrs
