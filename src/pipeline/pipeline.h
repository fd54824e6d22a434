// The pipeline as a list of stages, and the runner that skips what is up to date.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/load_config.h"

namespace latentcrs {

/// The command that a run belongs to, for what it says at its end.
struct RunCommand {
  std::vector<std::string> words;  ///< as typed: latentcrs, run, -c, tiny, learning_rate=0.1
  std::vector<std::string> same;   ///< the part that names the same settings: -c, tiny, learning_rate=0.1
};

struct RunFlags {
  bool force = false;   ///< redo the named stages even where they are up to date
  bool retry = false;   ///< ask a language model again for the answers that a finished stage lacks
  bool detach = false;  ///< leave batch jobs running: the run ends, without an error, where answers are still to come
  bool tables = false;  ///< `run`: print the tables too
  std::optional<RunCommand> whole = {};  ///< `run`: a stage that cannot run is no error; the end is a few lines
};

/// preprocess, pretrain, simulate, embed, train, evaluate: in the order they depend on each other.
std::vector<std::string> stage_names();

/// Runs `stages` (names, in pipeline order) in the run folder of the config. A stage whose settings, inputs and outputs
/// are as its manifest says is skipped; one that was interrupted goes on from its last checkpoint; results made with
/// other settings are moved to superseded/ and found again when the settings return. Stages that
/// lack what the settings do not give are named before the first one starts and left out, with flags.whole; without it
/// they are an Error(data), and so is a stage that is not in the list and has to run first. Error(interrupted) after a
/// signal with everything finished so far on disk.
void run_stages(const LoadedConfig& loaded, const std::vector<std::string>& stages, const RunFlags& flags);

}  // namespace latentcrs
