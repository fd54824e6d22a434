#include <fmt/format.h>

#include "cli/core/core_command.h"
#include "cli/core_requests.h"
#include "experiment/stages/export_vectors.h"

namespace latentcrs {

namespace {

int command_export(const Invocation& invocation) {
  const auto& request = std::any_cast<const ExportRequest&>(invocation.request);
  for (const std::filesystem::path& file : export_vectors(invocation.jobs.front().loaded, request.folder))
    fmt::print("{}\n", file.string());
  return 0;
}

const CoreCommand export_command("export", command_export);

}  // namespace

}  // namespace latentcrs
