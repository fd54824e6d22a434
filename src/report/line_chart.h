// Line charts as SVG inside a page of html_page.h.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace latentcrs {

struct ChartPoint {
  double x = 0, y = 0;
  std::optional<std::pair<double, double>> interval = {};  ///< drawn as a whisker
};

struct ChartSeries {
  std::string name;                 ///< shown under the pointer
  size_t colour = 0;                ///< as series_class
  std::vector<ChartPoint> points;   ///< by rising x
  std::optional<size_t> best = {};  ///< a point to mark
};

struct LineChart {
  std::string title;
  std::string x_label;
  std::vector<ChartSeries> series;
  bool from_zero = false;  ///< the y axis begins at 0
  bool with_dots = false;  ///< every point is drawn: for a few of them
  bool wide = false;
};

/// A <figure> with the title and the chart; points that are not finite interrupt a line. Without any finite point it
/// says so.
std::string chart_html(const LineChart& chart);

/// A legend of names, the i-th in the i-th colour; nothing for one name.
std::string legend_html(const std::vector<std::string>& names);

}  // namespace latentcrs
