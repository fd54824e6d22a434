// The checks that are made before the first stage begins.
#pragma once

#include <string>
#include <vector>

#include "stages/stage.h"

namespace latentcrs {

/// Makes the checks of the stages in `table` (StageChecks), so that a mistake shows now and not after hours: of
/// settings and templates those of every stage, of the others those of `stages` (names). Throws Error(config) for the
/// first mistake.
void check_before_run(const std::vector<Stage>& table, const StageContext& context,
                      const std::vector<std::string>& stages);

}  // namespace latentcrs
