// The table of stages.
#pragma once

#include <string>
#include <vector>

#include "experiment/stages/stage.h"

namespace latentcrs {

/// All stages, in the order they depend on each other (experiment/run/stage_info.h).
const std::vector<Stage>& all_stages();

/// The stage of that name. Throws Error(internal) if the table has none.
const Stage& stage_named(const std::string& name);

}  // namespace latentcrs
