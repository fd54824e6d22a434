#include <fmt/format.h>

#include "cli/core.h"
#include "pipeline/doctor.h"
#include "util/error.h"

namespace latentcrs {

int command_doctor(const Invocation& invocation) {
  const LoadedConfig* loaded = invocation.jobs.empty() ? nullptr : &invocation.jobs.front().loaded;
  const Diagnosis diagnosis = diagnose(loaded, {.services = invocation.services});
  for (const Table& table : diagnosis.tables) fmt::print("{}\n", table.to_text());
  if (loaded == nullptr) return 0;
  for (const std::string& obstacle : diagnosis.obstacles)
    fmt::print("{} cannot run: {}\n", invocation.config, obstacle);
  if (diagnosis.obstacles.empty())
    fmt::print("{} can run{}\n", invocation.config,
               diagnosis.left_out.empty() ? "" : ", in part: " + diagnosis.left_out);
  return diagnosis.obstacles.empty() ? 0 : exit_code(ErrorKind::data);
}

}  // namespace latentcrs
