#include <fmt/format.h>

#include "cli/core/core_command.h"
#include "cli/core/multirun.h"
#include "experiment/pipeline/dry_run.h"
#include "experiment/pipeline/pipeline.h"
#include "experiment/pipeline/show_utterances.h"

namespace latentcrs {

RunFlags flags_of_job(const StagesRequest& request, const Invocation& invocation, const Job& job) {
  RunFlags flags = request.flags;
  if (!request.is_whole_run) return flags;
  RunCommand command{.words = {"latentcrs", "run"}, .same = {"-c", invocation.config}};
  command.same.insert(command.same.end(), job.overrides.begin(), job.overrides.end());
  command.words.insert(command.words.end(), command.same.begin(), command.same.end());
  flags.whole = std::move(command);
  return flags;
}

namespace {

int command_stages(const Invocation& invocation) {
  const auto& request = std::any_cast<const StagesRequest&>(invocation.request);
  if (request.dry_run) {
    for (const Job& job : invocation.jobs)
      fmt::print("{}\n", dry_run(job.loaded, request.stages, request.flags).to_text());
    return 0;
  }
  if (request.show > 0) {
    for (const Job& job : invocation.jobs) fmt::print("{}", show_utterances(job.loaded, request.show));
    return 0;
  }
  if (request.list) return list_sweep(invocation, request);
  if (invocation.multirun) return run_sweep(invocation, request);
  const Job& job = invocation.jobs.front();
  run_stages(job.loaded, request.stages, flags_of_job(request, invocation, job));
  return 0;
}

const CoreCommand stages_command("stages", command_stages);

}  // namespace

}  // namespace latentcrs
