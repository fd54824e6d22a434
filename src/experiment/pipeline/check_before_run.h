// The checks that are made before the first stage begins.
#pragma once

#include <string>
#include <vector>

#include "experiment/stages/stage.h"

namespace latentcrs {

/// Makes the checks of the stages in `table` (StageChecks), so that a mistake shows now and not after hours. Settings
/// and templates are checked for every stage, the rest for `stages` (names). Throws Error(config) for the
/// first mistake.
void check_before_run(const std::vector<Stage>& table, const StageContext& context,
                      const std::vector<std::string>& stages);

}  // namespace latentcrs
