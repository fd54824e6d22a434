#include <fmt/format.h>

#include "cli/core.h"
#include "pipeline/dry_run.h"
#include "pipeline/pipeline.h"

namespace latentcrs {

RunFlags run_flags(const Invocation& invocation, const std::vector<std::string>& overrides) {
  RunFlags flags{
      .force = invocation.force, .retry = invocation.retry, .detach = invocation.detach, .tables = invocation.tables};
  if (invocation.command != "run") return flags;
  RunCommand command{.words = {"latentcrs", "run"}, .same = {"-c", invocation.config}};
  command.same.insert(command.same.end(), overrides.begin(), overrides.end());
  command.words.insert(command.words.end(), command.same.begin(), command.same.end());
  flags.whole = std::move(command);
  return flags;
}

int command_stages(const Invocation& invocation) {
  const bool all = invocation.command == "run";
  const std::vector<std::string> stages = all ? stage_names() : std::vector{invocation.command};
  if (invocation.dry_run) {
    for (const Job& job : invocation.jobs)
      for (const Table& table : dry_run(job.loaded, stages, invocation.retry)) fmt::print("{}\n", table.to_text());
    return 0;
  }
  if (invocation.multirun) return run_sweep(invocation, stages);
  run_stages(invocation.jobs.front().loaded, stages, run_flags(invocation, invocation.jobs.front().overrides));
  return 0;
}

}  // namespace latentcrs
