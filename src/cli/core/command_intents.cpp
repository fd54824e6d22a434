#include <fmt/format.h>
#include <unistd.h>

#include <limits>

#include "cli/core/core_command.h"
#include "cli/core_requests.h"
#include "experiment/stages/intents.h"

namespace latentcrs {

namespace {

/// The number of intents printed if the user gave none.
size_t default_top() {
  constexpr size_t kOnTerminal = 20;
  return isatty(STDOUT_FILENO) != 0 ? kOnTerminal : std::numeric_limits<size_t>::max();
}

int command_intents(const Invocation& invocation) {
  const auto& request = std::any_cast<const IntentsRequest&>(invocation.request);
  const IntentsReport report = inspect_intents(invocation.jobs.front().loaded, request.options);
  const size_t top = request.top > 0 ? static_cast<size_t>(request.top) : default_top();
  fmt::print("{}", report.table(top).to_text());
  if (top < report.intents.size()) fmt::print("and {} smaller ones; --top N shows more\n", report.intents.size() - top);
  fmt::print("\n");
  for (const std::string& line : report.summary()) fmt::print("{}\n", line);
  const std::string folder = report.folder.lexically_relative(std::filesystem::current_path()).string();
  fmt::print("\nThe picture is in {0}/intents.html, all figures in {0}/intents.jsonl\n", folder);
  return 0;
}

const CoreCommand intents_command("intents", command_intents);

}  // namespace

}  // namespace latentcrs
