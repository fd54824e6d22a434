// Line charts: curves of several series, alone or as panels of one picture.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/metrics/metrics.h"
#include "experiment/report/svg.h"

namespace latentcrs {

struct ChartPoint {
  double x = 0, y = 0;
  std::optional<Interval> interval = {};  ///< of y, drawn as a band
};

struct ChartSeries {
  std::string name;                 ///< shown under the pointer, and at the line's end in a chart with room for it
  size_t colour = 0;                ///< index of the colour and the mark, as in series_class()
  std::vector<ChartPoint> points;   ///< in the order of x
  std::optional<size_t> best = {};  ///< index of a point to mark
};

struct LineChart {
  std::string title;  ///< drawn above the chart; with it goes the unit of y
  std::string x_label;
  std::vector<ChartSeries> series;
  bool from_zero = false;   ///< the y axis begins at 0
  bool with_marks = false;  ///< mark every point, for charts with few of them
};

/// Draws a chart with its title, axes and labels in `box`. Points that are not finite interrupt a line; a chart without
/// any finite point says so.
void draw_line_chart(Svg& svg, const Box& box, const LineChart& chart);

/// One chart in which each line has its name at its end.
Svg labelled_chart(const std::string& name, const LineChart& chart, const std::string& title,
                   const std::string& description);

/// The texts of a picture of several charts.
struct PanelsText {
  std::string title, description;
  std::vector<std::string> series;  ///< names for the legend
};
/// Small charts, three a row.
Svg chart_panels(const std::string& name, const std::vector<LineChart>& charts, const PanelsText& text);

}  // namespace latentcrs
