#include "experiment/report/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiment/report/plot.h"
#include "experiment/report/series.h"

namespace latentcrs {

namespace {

// Sizes in pixels.
constexpr double kTicksWidth = 46, kTitleHeight = 24, kAxisHeight = 38, kRightSpace = 8;
constexpr double kChartWidth = 520, kChartHeight = 290, kNameGap = 15;
constexpr double kPanelsWidth = 680, kPanelHeight = 181, kPanelsGap = 8;
constexpr double kTitleLine = 13;
constexpr size_t kPanelsInRow = 3;

Plot plot_of(const LineChart& chart, const Box& box) {
  Plot plot{box, {}, {}};
  for (const ChartSeries& series : chart.series)
    for (const ChartPoint& point : series.points) {
      if (!std::isfinite(point.y)) continue;
      plot.x.include(point.x);
      plot.y.include(point.y);
      if (!point.interval) continue;
      plot.y.include(point.interval->low);
      plot.y.include(point.interval->high);
    }
  if (plot.y.empty()) return plot;
  if (plot.x.length() <= 0) plot.x = plot.x.padded(1);
  if (chart.from_zero) plot.y.include(0);
  plot.y = plot.y.padded(0.05);
  if (chart.from_zero) plot.y.low = 0;
  return plot;
}

std::string point_hint(const LineChart& chart, const ChartSeries& series, const ChartPoint& point) {
  return fmt::format("{}, {} {:g}: {:.4f}", series.name, chart.x_label, point.x, point.y);
}

/// The parts of the line between points that are not finite.
std::string curve_path(const Plot& plot, const ChartSeries& series) {
  std::string path;
  std::vector<Point> part;
  const auto end_part = [&] {
    path += path_through(part);
    part.clear();
  };
  for (const ChartPoint& point : series.points) {
    if (std::isfinite(point.y))
      part.push_back(plot.at(point.x, point.y));
    else
      end_part();
  }
  end_part();
  return path;
}

void draw_series(Svg& svg, const Plot& plot, const LineChart& chart, const ChartSeries& series) {
  svg.open(series_class(series.colour), series.name);
  std::vector<BandPoint> band;
  for (const ChartPoint& point : series.points)
    if (point.interval) band.push_back({point.x, point.interval->low, point.interval->high});
  draw_band(svg, plot, band);
  svg.path("curve", curve_path(plot, series));
  for (const ChartPoint& point : series.points)
    if (std::isfinite(point.y) && (chart.with_marks || series.points.size() == 1))
      draw_mark(svg, series.colour, plot.at(point.x, point.y), point_hint(chart, series, point));
  if (series.best) {
    const ChartPoint& best = series.points[*series.best];
    svg.circle("best", plot.at(best.x, best.y), 4, "best: " + point_hint(chart, series, best));
  }
  svg.close();
}

Box plot_box(const Box& box) {
  return {box.left + kTicksWidth, box.top + kTitleHeight, box.right - kRightSpace, box.bottom - kAxisHeight};
}

/// The title in lines that fit in `width`; they end at commas.
std::vector<std::string> title_lines(const std::string& title, double width) {
  const size_t comma = text_pixels(title) > width ? title.rfind(", ") : std::string::npos;
  if (comma == std::string::npos) return {title};
  std::vector<std::string> lines = title_lines(title.substr(0, comma + 1), width);
  const std::string rest = title.substr(comma + 2);
  if (lines.size() > 1 && text_pixels(lines.back() + " " + rest) <= width)
    lines.back() += " " + rest;
  else
    lines.push_back(rest);
  return lines;
}

/// Writes the lines above the plot, the last one right above it.
void draw_title(Svg& svg, const Plot& plot, const std::string& title) {
  const std::vector<std::string> lines = title_lines(title, plot.box.width() + kRightSpace);
  for (size_t i = 0; i < lines.size(); ++i)
    svg.text("axis-label", {plot.box.left, plot.box.top - 8 - kTitleLine * static_cast<double>(lines.size() - 1 - i)},
             Anchor::start, lines[i]);
}

/// Writes the name of each line beside its last point.
void draw_names(Svg& svg, const LineChart& chart, const Plot& plot) {
  std::vector<const ChartSeries*> named;
  std::vector<double> places;
  for (const ChartSeries& series : chart.series) {
    if (series.points.empty() || !std::isfinite(series.points.back().y)) continue;
    named.push_back(&series);
    places.push_back(plot.py(series.points.back().y));
  }
  places = spread(places, kNameGap, plot.box.top, plot.box.bottom);
  for (size_t i = 0; i < named.size(); ++i) {
    const double x = plot.px(named[i]->points.back().x) + 10;
    svg.open(series_class(named[i]->colour));
    svg.text("name", {x, places[i] + 4}, Anchor::start, named[i]->name);
    svg.close();
  }
}

}  // namespace

void draw_line_chart(Svg& svg, const Box& box, const LineChart& chart) {
  const Plot plot = plot_of(chart, plot_box(box));
  draw_title(svg, plot, chart.title);
  if (plot.y.empty()) {
    svg.text("label", {plot.box.left, plot.box.top + 14}, Anchor::start, "No finite value.");
    return;
  }
  draw_y_axis(svg, plot, {});
  draw_x_axis(svg, plot, {.label = chart.x_label, .ticks = 5, .whole_numbers = true});
  for (const ChartSeries& series : chart.series) draw_series(svg, plot, chart, series);
}

Svg labelled_chart(const std::string& name, const LineChart& chart, const std::string& title,
                   const std::string& description) {
  double names = 0;
  for (const ChartSeries& series : chart.series) names = std::max(names, text_pixels(series.name) + 10);
  Svg svg(name, kChartWidth + names, kChartHeight, title, description);
  const Box box{0, 0, kChartWidth, kChartHeight};
  draw_line_chart(svg, box, chart);
  const Plot plot = plot_of(chart, plot_box(box));
  if (!plot.y.empty()) draw_names(svg, chart, plot);
  return svg;
}

Svg chart_panels(const std::string& name, const std::vector<LineChart>& charts, const PanelsText& text) {
  const double legend = legend_height(text.series, kPanelsWidth);
  const size_t rows = (charts.size() + kPanelsInRow - 1) / kPanelsInRow;
  const double width = (kPanelsWidth - 2 * kPanelsGap) / kPanelsInRow;
  const auto in_row = static_cast<double>(std::min(charts.size(), kPanelsInRow));
  Svg svg(name, in_row * (width + kPanelsGap), legend + static_cast<double>(rows) * kPanelHeight, text.title,
          text.description);
  draw_legend(svg, text.series, {kPanelsGap, 4}, kPanelsWidth - 2 * kPanelsGap);
  for (size_t i = 0; i < charts.size(); ++i) {
    const size_t row = i / kPanelsInRow, column = i % kPanelsInRow;
    const double left = static_cast<double>(column) * (width + kPanelsGap);
    const double top = legend + static_cast<double>(row) * kPanelHeight;
    draw_line_chart(svg, {left, top + kTitleLine, left + width, top + kPanelHeight}, charts[i]);
  }
  return svg;
}

}  // namespace latentcrs
