// The way from a stage's run to the runner for a stage that stops because batch jobs were left running.
#pragma once

#include <cstddef>

namespace latentcrs {

/// Thrown by the run of a stage with StageContext::detach, where answers are still to come. It is no Error.
struct JobsLeftRunning {
  size_t answers_to_come = 0;
};

}  // namespace latentcrs
