// state.pt of pretraining: what an interrupted run needs to go on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "tensor/tensor_file.h"
#include "train/pretrainer.h"

namespace latentcrs {

struct PretrainState {
  std::string fingerprint;
  int64_t epoch = 0;  ///< epochs finished
  int64_t metrics_position = 0;
  std::string early_stop;  ///< JSON
  StateDict model, best, adam;
};

/// Equal for jobs that compute the same: options, compat switches that count here, seed and data.
std::string fingerprint(const PretrainJob& job);

void write_state(const PretrainState& state, const std::filesystem::path& path);
/// nullopt if there is no such file. Throws Error(data) for a file that is not one of ours.
std::optional<PretrainState> read_state(const std::filesystem::path& path);

}  // namespace latentcrs
