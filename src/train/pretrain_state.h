// state.pt of pretraining: what an interrupted run needs to go on.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tensor/tensor_file.h"
#include "train/pretrainer.h"
#include "train/training_run.h"

namespace latentcrs {

struct PretrainState {
  TrainingProgress progress;
  StateDict model, best, adam;
};

/// Equal for jobs that compute the same: options, compat switches that count here, seed and data.
std::string fingerprint(const PretrainJob& job);

void write_state(const PretrainState& state, const std::filesystem::path& path);
/// nullopt if there is no such file. Throws Error(data) for a file that is not one of ours.
std::optional<PretrainState> read_state(const std::filesystem::path& path);

}  // namespace latentcrs
