#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "report/compare_runs.h"
#include "util/error.h"

namespace latentcrs {

int command_compare(const Invocation& invocation) {
  const std::vector<std::string>& runs = invocation.runs;
  if (runs.empty() || runs.size() > 2)
    throw usage_error(fmt::format("latentcrs compare takes one or two run folders, not {}", runs.size()));
  const ComparisonChoice& choice = invocation.compare;
  const CompareOptions options{
      .score = choice.score,
      .split = choice.split,
      .seen_items = choice.seen_items,
      .without_leaks = choice.without_leaks,
      .common = choice.common,
      .resampling = {.resamples = choice.resamples, .seed = static_cast<uint64_t>(choice.seed)}};
  const ComparisonReport report =
      runs.size() == 1 ? compare_scores(runs[0], options) : compare_runs(runs[0], runs[1], options);
  if (choice.as_json)
    fmt::print("{}\n", to_json(report, options.resampling).dump(2));
  else
    fmt::print("{}", to_text(report, options.resampling));
  return 0;
}

}  // namespace latentcrs
