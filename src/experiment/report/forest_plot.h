// Forest plots: estimates with their intervals, a row each, in panels that share the rows.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "experiment/report/figure_table.h"
#include "experiment/report/svg.h"

namespace latentcrs {

struct ForestRow {
  std::string label;
  /// [runs][panels]; nothing for a run that lacks the row.
  std::vector<std::vector<std::optional<Estimate>>> estimates;
  /// [runs] how many the estimates are of; nothing for a run that lacks the row.
  std::vector<std::optional<int64_t>> counts;
};

struct ForestGroup {
  std::string heading;  ///< above its rows; may be empty
  std::vector<ForestRow> rows;
};

struct ForestPlot {
  std::string title, description;
  std::vector<std::string> runs;     ///< names; a run is a series
  std::vector<std::string> panels;   ///< what is estimated, with its unit: the labels of the axes
  std::vector<std::string> columns;  ///< short names of the panels, for the table: "NDCG@10"
  std::string row_name;              ///< what the rows are, for the table: "score"
  std::string counted;               ///< what ForestRow::counts count: "users"
  std::vector<ForestGroup> groups = {};
  bool counts_in_labels = false;  ///< "4 to 11 (79)", where all runs have the same count
  bool differences = false;       ///< the estimates are differences: with signs, and with a line at 0
};

Svg forest_picture(const std::string& name, const ForestPlot& forest);
FigureTable forest_table(const ForestPlot& forest, const std::string& caption);

}  // namespace latentcrs
