#include "experiment/pipeline/dry_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/util/error.h"
#include "base/util/files.h"
#include "experiment/stages/stage_table.h"

namespace latentcrs {

namespace {

const fs::path& existing(const fs::path& file) {
  if (!fs::is_regular_file(file))
    throw data_error(
        fmt::format("the dry run needs {}: run `latentcrs preprocess` with the same config first", file.string()));
  return file;
}

std::vector<std::string> row_of(const PlannedRequests& planned) {
  const CostEstimate& estimate = planned.estimate;
  return {planned.purpose,
          fmt::format("{} ({})", planned.model, planned.provider),
          fmt::format("{}", estimate.requests),
          fmt::format("{}", estimate.cached),
          fmt::format("{}", estimate.usage.input),
          fmt::format("{}", estimate.usage.output),
          planned.has_price ? fmt::format("{:.2f}", estimate.cost) : "-"};
}

/// The sum has a cost only if every row has one.
std::vector<std::string> sum_row(const std::vector<PlannedRequests>& planned) {
  PlannedRequests sum{.has_price = true};
  for (const PlannedRequests& part : planned) {
    sum.estimate += part.estimate;
    sum.has_price = sum.has_price && part.has_price;
  }
  std::vector<std::string> row = row_of(sum);
  row[0] = "sum";
  row[1] = "";
  return row;
}

Table table_of(const std::vector<PlannedRequests>& planned) {
  if (planned.empty()) return {"", {{"No stage asked for speaks to a model: its providers are offline"}}};
  Table table{"Dry run: nothing is sent. Cost is that of the config's price (- where it gives none)",
              {{"for", "model", "requests", "cached", "tokens in", "tokens out", "cost"}}};
  for (const PlannedRequests& part : planned) table.rows.push_back(row_of(part));
  if (planned.size() > 1) table.rows.push_back(sum_row(planned));
  return table;
}

}  // namespace

Table dry_run(const LoadedConfig& loaded, const std::vector<std::string>& stages, const RunFlags& flags) {
  const StageContext context = make_context(loaded, c10::kCPU);
  for (const Stage& stage : all_stages())
    if (stage.checks.settings) stage.checks.settings(context);
  if (const std::string lacking = lacks_features(context); !lacking.empty())
    throw data_error("the dry run needs " + lacking);
  const PlanInputs inputs{
      .context = context,
      .interactions = read_interactions(existing(context.folder.interactions()), context.folder.parts()),
      .catalogue = read_item_catalogue(existing(context.folder.features()), loaded.config.datasets),
      .retry = flags.retry};
  std::vector<PlannedRequests> planned;
  for (const Stage& stage : all_stages()) {
    if (!stage.planned_requests || std::find(stages.begin(), stages.end(), stage.info.name) == stages.end()) continue;
    for (PlannedRequests& part : stage.planned_requests(inputs)) planned.push_back(std::move(part));
  }
  return table_of(planned);
}

}  // namespace latentcrs
