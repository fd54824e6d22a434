// The stages that a config can run: a dataset of sequences alone goes as far as the encoder.
#pragma once

#include <string>
#include <vector>

#include "experiment/stages/stage.h"

namespace latentcrs {

struct StagePlan {
  struct Blocked {
    std::string stage;
    std::string lacks;  ///< "item features (…)", "what simulate makes"
  };
  std::vector<std::string> runnable;  ///< in pipeline order
  std::vector<Blocked> blocked;

  /// "simulate and evaluate need item features (…); embed and train need what simulate makes"; "" if nothing is
  /// blocked.
  std::string blocked_text() const;
};

/// Splits `stages` (names of stages in `table`). A stage is blocked by what the settings lack, or by a file of a
/// blocked stage that is not there; the stages that block one of `stages` are among the blocked, even if they are not
/// in `stages`. A missing file of the user's blocks no stage: it is an error once its stage runs.
StagePlan plan_stages(const std::vector<Stage>& table, const StageContext& context,
                      const std::vector<std::string>& stages);

}  // namespace latentcrs
