// How the stages of a run are to be treated.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace latentcrs {

/// The command that a run belongs to, for the lines at its end.
struct RunCommand {
  std::vector<std::string> words;  ///< as typed: latentcrs, run, -c, tiny, learning_rate=0.1
  std::vector<std::string> same;   ///< the part that names the same settings: -c, tiny, learning_rate=0.1
};

struct RunFlags {
  bool force = false;    ///< redo the named stages even where they are up to date
  bool retry = false;    ///< ask a language model again for the answers that a finished stage lacks
  bool detach = false;   ///< leave batch jobs running: the run ends, without an error, where answers are still to come
  bool tables = false;   ///< `run`: print the tables too
  bool profile = false;  ///< record where the time of each stage goes: profile/<stage>/ and the end of the stage's log
  std::optional<RunCommand> whole = {};  ///< `run`: a stage that cannot run is no error; the end is a few lines
};

}  // namespace latentcrs
