// A few prompts and what a simulated user answers to them, for people to look at.
#pragma once

#include <string>

#include "base/config/load_config.h"

namespace latentcrs {

/// Asks the user simulator of `loaded` for the opening words of `count` records of the first training split, spread
/// over it, and returns each with its prompt, every reply, what was cut off, and whether the title was given away. The
/// replies of a service come from the cache or go into it, where the stage simulate finds them; the run folder stays as
/// it is. Needs the files of the stage preprocess and throws Error(data) naming a missing one, and what the simulator
/// throws.
std::string show_utterances(const LoadedConfig& loaded, int count);

}  // namespace latentcrs
