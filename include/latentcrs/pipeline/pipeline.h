// The pipeline as a list of stages, and the runner that skips what is up to date.
#pragma once

#include <string>
#include <vector>

#include "latentcrs/config/load_config.h"

namespace latentcrs {

struct RunFlags {
  bool force = false;   ///< redo the named stages even where they are up to date
  bool retry = false;   ///< ask a language model again for the answers that a finished stage lacks
  bool detach = false;  ///< leave batch jobs running: the run ends, without an error, where answers are still to come
};

/// preprocess, pretrain, simulate, embed, train, evaluate: in the order they depend on each other.
std::vector<std::string> stage_names();

/// Runs `stages` (names, in pipeline order) in the run folder of the config. A stage whose settings, inputs and outputs
/// are as its manifest says is skipped; one that was interrupted goes on from its last checkpoint; results made with
/// other settings are moved to superseded/ and found again when the settings return. Throws Error(data) if a stage that
/// is not in the list has to run first, Error(interrupted) after a signal with everything finished so far on disk.
void run_stages(const LoadedConfig& loaded, const std::vector<std::string>& stages, const RunFlags& flags);

}  // namespace latentcrs
