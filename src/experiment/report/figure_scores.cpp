#include <fmt/format.h>

#include <algorithm>

#include "experiment/report/figure_kinds.h"
#include "experiment/report/forest_plot.h"
#include "experiment/report/score_order.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// Figures by score of each run; nullptr for a run without them.
using ScoreTables = std::vector<const json*>;

std::optional<Estimate> estimate_of(const json& figures, const std::string& metric) {
  if (!figures.contains(metric)) return std::nullopt;
  Estimate estimate{figures[metric].get<double>(), {}};
  if (figures.contains(metric + "_ci95")) {
    const double half = figures[metric + "_ci95"].get<double>();
    estimate.interval = {estimate.value - half, estimate.value + half};
  }
  return estimate;
}

ForestRow score_row(const std::string& score, const ScoreTables& tables, const ForestPlot& forest,
                    const std::vector<std::optional<int64_t>>& counts) {
  ForestRow row{score, {}, {}};
  for (size_t run = 0; run < tables.size(); ++run) {
    const bool known = tables[run] != nullptr && tables[run]->contains(score);
    auto& estimates = row.estimates.emplace_back(forest.columns.size());
    if (known)
      std::transform(forest.columns.begin(), forest.columns.end(), estimates.begin(),
                     [&](const std::string& metric) { return estimate_of((*tables[run])[score], metric); });
    row.counts.push_back(known ? counts[run] : std::nullopt);
  }
  return row;
}

/// A group for each kind of score.
void add_score_rows(const ScoreTables& tables, const std::vector<std::optional<int64_t>>& counts, ForestPlot& forest) {
  json all = json::object();
  for (const json* table : tables)
    if (table != nullptr) all.update(*table);
  for (const std::string& score : score_names(all)) {
    const std::string heading = heading_of(score_kind(score));
    if (forest.groups.empty() || forest.groups.back().heading != heading) forest.groups.push_back({heading, {}});
    forest.groups.back().rows.push_back(score_row(score, tables, forest, counts));
  }
}

std::vector<Figure> one_turn_figure(const FigureInputs& inputs, std::string_view name) {
  const std::string seen = inputs.seen_items(), key = "test_" + seen;
  ScoreTables tables;
  std::vector<std::optional<int64_t>> counts;
  for (const RunData& run : inputs.runs) {
    const bool known = run.one_turn.is_object() && run.one_turn.contains(key) && !run.one_turn[key].empty();
    tables.push_back(known ? &run.one_turn[key] : nullptr);
    counts.push_back(known ? std::optional(run.one_turn[key].front().value("users", int64_t{0})) : std::nullopt);
  }
  ForestPlot forest{.title = fmt::format("One turn: where the test targets are ranked, history {}",
                                         seen == "seen_kept" ? "among the candidates" : "left out"),
                    .description = "Points are means over the test targets, with 95% intervals, one row a score.",
                    .runs = inputs.names(),
                    .panels = {"HIT@10, share of targets", "NDCG@10, mean over targets"},
                    .columns = {"HIT@10", "NDCG@10"},
                    .row_name = "score",
                    .counted = "targets"};
  add_score_rows(tables, counts, forest);
  if (forest.groups.empty()) return {};
  return {{forest_picture(std::string(name), forest),
           "Point and line: the mean over the test targets and its 95% normal interval. Controls are the model with "
           "another user's words or history." +
               inputs.sampled_note(),
           forest_table(forest, forest.title + ", with 95% intervals." + inputs.sampled_note())}};
}

/// The group of all recommendations in people's conversations.
const json* recommendations_of(const RunData& run) {
  if (!run.conversations.is_object()) return nullptr;
  for (const json& group : run.conversations.at("groups"))
    if (group.at("name") == "recommendation") return &group;
  return nullptr;
}

std::vector<Figure> conversations_figure(const FigureInputs& inputs, std::string_view name) {
  ScoreTables tables;
  std::vector<std::optional<int64_t>> counts;
  for (const RunData& run : inputs.runs) {
    const json* group = recommendations_of(run);
    tables.push_back(group == nullptr ? nullptr : &group->at("scores"));
    counts.push_back(group == nullptr ? std::nullopt : std::optional(group->at("rows").get<int64_t>()));
  }
  ForestPlot forest{
      .title = "People's conversations: where the items that the recommenders named are ranked",
      .description = "Points are means over the targets, with 95% intervals by dialogue, one row a score.",
      .runs = inputs.names(),
      .panels = {"recall@10, share of targets", "NDCG@10, mean over targets"},
      .columns = {"recall@10", "NDCG@10"},
      .row_name = "score",
      .counted = "targets"};
  add_score_rows(tables, counts, forest);
  if (forest.groups.empty()) return {};
  return {{forest_picture(std::string(name), forest),
           "Point and line: the mean over the targets and its 95% interval, by dialogue. The history is left out.",
           forest_table(forest, forest.title + ", with 95% intervals by dialogue.")}};
}

}  // namespace

const FigureKind kScoresFigure = {"scores", "One turn", one_turn_figure};
const FigureKind kConversationsFigure = {"conversations", "People's conversations", conversations_figure};

}  // namespace latentcrs
