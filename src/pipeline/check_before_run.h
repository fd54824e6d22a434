// What can be known to be wrong before the first stage begins.
#pragma once

#include <string>
#include <vector>

#include "stages/stage.h"

namespace latentcrs {

/// Reads templates and credentials, and looks for settings with which one of `stages` would fail, so that this shows
/// now and not after hours. Throws Error(config) for the first mistake.
void check_before_run(const StageContext& context, const std::vector<std::string>& stages);

}  // namespace latentcrs
