#include <fmt/format.h>
#include <unistd.h>

#include <limits>

#include "cli/core.h"
#include "pipeline/intents.h"

namespace latentcrs {

namespace {

/// How many intents to print if the user did not say.
size_t default_top() {
  constexpr size_t kOnTerminal = 20;
  return isatty(STDOUT_FILENO) != 0 ? kOnTerminal : std::numeric_limits<size_t>::max();
}

}  // namespace

int command_intents(const Invocation& invocation) {
  const IntentsOptions options{.items = invocation.items,
                               .nearness = invocation.by == "score" ? Nearness::score : Nearness::lift};
  const IntentsReport report = inspect_intents(invocation.jobs.front().loaded, options);
  const size_t top = invocation.top > 0 ? static_cast<size_t>(invocation.top) : default_top();
  fmt::print("{}", report.table(top).to_text());
  if (top < report.intents.size()) fmt::print("and {} smaller ones; --top N shows more\n", report.intents.size() - top);
  fmt::print("\n");
  for (const std::string& line : report.summary()) fmt::print("{}\n", line);
  const std::string folder = report.folder.lexically_relative(std::filesystem::current_path()).string();
  fmt::print("\nThe picture is in {0}/intents.html, all figures in {0}/intents.jsonl\n", folder);
  return 0;
}

}  // namespace latentcrs
