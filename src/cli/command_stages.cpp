#include "cli/core.h"
#include "latentcrs/pipeline/pipeline.h"

namespace latentcrs {

int command_stages(const Invocation& invocation) {
  const bool all = invocation.command == "run";
  const std::vector<std::string> stages = all ? stage_names() : std::vector{invocation.command};
  if (invocation.multirun) return run_sweep(invocation, stages);
  run_stages(invocation.jobs.front().loaded, stages, {.force = invocation.force});
  return 0;
}

}  // namespace latentcrs
