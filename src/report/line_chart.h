// Line charts as SVG for the pages of html_page.h.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace latentcrs {

struct ChartPoint {
  double x = 0, y = 0;
  std::optional<std::pair<double, double>> interval = {};  ///< interval of y, drawn as a whisker
};

struct ChartSeries {
  std::string name;                 ///< shown under the pointer
  size_t colour = 0;                ///< index of the colour, as in series_class()
  std::vector<ChartPoint> points;   ///< in the order of x
  std::optional<size_t> best = {};  ///< index of a point to mark
};

struct LineChart {
  std::string title;
  std::string x_label;
  std::vector<ChartSeries> series;
  bool from_zero = false;  ///< the y axis begins at 0
  bool with_dots = false;  ///< draw every point, for charts with few of them
  bool wide = false;
};

/// Returns a <figure> with the title and the chart. Points that are not finite interrupt a line; a chart without any
/// finite point says so.
std::string chart_html(const LineChart& chart);

/// Returns a legend in which the i-th name has the i-th colour; empty for a single name.
std::string legend_html(const std::vector<std::string>& names);

}  // namespace latentcrs
