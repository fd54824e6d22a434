// A run: the stages one after another, each skipped where it is up to date.
#pragma once

#include <string>
#include <vector>

#include "base/config/load_config.h"
#include "experiment/pipeline/run_flags.h"

namespace latentcrs {

struct Stage;

/// Runs `stages` (names, in pipeline order) in the run folder of the config. A stage whose settings, inputs and outputs
/// are as its manifest says is skipped; one that was interrupted goes on from its last checkpoint; results made with
/// other settings are moved to superseded/ and found again when the settings return. With
/// flags.whole, stages whose inputs the settings do not provide are named before the first one starts, and left out;
/// without it they are an Error(data), and so is a stage that is not in the list and has to run first.
/// Error(interrupted) after a signal with everything finished so far on disk.
void run_stages(const LoadedConfig& loaded, const std::vector<std::string>& stages, const RunFlags& flags);

/// The same with another table of stages than all_stages().
void run_stages(const std::vector<Stage>& table, const LoadedConfig& loaded, const std::vector<std::string>& stages,
                const RunFlags& flags);

}  // namespace latentcrs
