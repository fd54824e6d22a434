#include <fmt/format.h>

#include "base/util/error.h"
#include "cli/core/core_command.h"
#include "cli/core_requests.h"
#include "experiment/pipeline/doctor.h"

namespace latentcrs {

namespace {

int command_doctor(const Invocation& invocation) {
  const LoadedConfig* loaded = invocation.jobs.empty() ? nullptr : &invocation.jobs.front().loaded;
  const Diagnosis diagnosis = diagnose(loaded, std::any_cast<const DoctorRequest&>(invocation.request));
  for (const Table& table : diagnosis.tables) fmt::print("{}\n", table.to_text());
  if (loaded == nullptr) return 0;
  for (const std::string& obstacle : diagnosis.obstacles)
    fmt::print("{} cannot run: {}\n", invocation.config, obstacle);
  if (diagnosis.obstacles.empty())
    fmt::print("{} can run{}\n", invocation.config,
               diagnosis.left_out.empty() ? "" : ", in part: " + diagnosis.left_out);
  return diagnosis.obstacles.empty() ? 0 : exit_code(ErrorKind::data);
}

const CoreCommand doctor_command("doctor", command_doctor);

}  // namespace

}  // namespace latentcrs
