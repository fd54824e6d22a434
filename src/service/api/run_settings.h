// The settings of a run folder that a program opens. Free of LibTorch, because they say how that is loaded.
#pragma once

#include <filesystem>

#include "base/config/load_config.h"
#include "latentcrs/recommender.h"

namespace latentcrs {

/// The run's own settings (its config.yaml) with those of `options` in their place. output_dir is `run_folder` as an
/// absolute path, wherever the run was made. Throws Error(data) for a folder that is no run, Error(config) as
/// load_config().
LoadedConfig load_run_settings(const std::filesystem::path& run_folder, const OpenOptions& options);

}  // namespace latentcrs
