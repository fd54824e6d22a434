#include "experiment/report/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "experiment/report/series.h"

namespace latentcrs {

namespace {

constexpr double kMarkRadius = 3.6, kCap = 3;
constexpr double kLegendLine = 18, kLegendGap = 18, kLegendMark = 18;

std::vector<double> ticks_of(const Range& range, const AxisStyle& style) {
  std::vector<double> ticks = axis_ticks(range.low, range.high, style.ticks);
  if (style.whole_numbers)
    ticks.erase(std::remove_if(ticks.begin(), ticks.end(), [](double tick) { return tick != std::floor(tick); }),
                ticks.end());
  return ticks;
}

/// The places of the names, each with its mark, relative to the legend's corner.
std::vector<Point> legend_places(const std::vector<std::string>& names, double width) {
  std::vector<Point> places;
  Point next;
  for (const std::string& name : names) {
    const double taken = kLegendMark + text_pixels(name);
    if (next.x > 0 && next.x + taken > width) next = {0, next.y + kLegendLine};
    places.push_back(next);
    next.x += taken + kLegendGap;
  }
  return places;
}

}  // namespace

void draw_x_axis(Svg& svg, const Plot& plot, const AxisStyle& style) {
  const std::vector<double> ticks = ticks_of(plot.x, style);
  for (const double x : ticks) {
    svg.line("grid", {plot.px(x), plot.box.top}, {plot.px(x), plot.box.bottom});
    svg.text("tick", {plot.px(x), plot.box.bottom + 15}, Anchor::middle, with_minus_signs(tick_text(x, ticks)));
  }
  svg.line("axis", {plot.box.left, plot.box.bottom}, {plot.box.right, plot.box.bottom});
  if (!style.label.empty())
    svg.text("axis-label", {(plot.box.left + plot.box.right) / 2, plot.box.bottom + 32}, Anchor::middle, style.label);
}

void draw_y_axis(Svg& svg, const Plot& plot, const AxisStyle& style) {
  const std::vector<double> ticks = ticks_of(plot.y, style);
  for (const double y : ticks) {
    svg.line("grid", {plot.box.left, plot.py(y)}, {plot.box.right, plot.py(y)});
    svg.text("tick", {plot.box.left - 6, plot.py(y) + 4}, Anchor::end, with_minus_signs(tick_text(y, ticks)));
  }
  if (!style.label.empty()) svg.text("axis-label", {plot.box.left, plot.box.top - 8}, Anchor::start, style.label);
}

void draw_whisker(Svg& svg, Point from, Point to) {
  const double dx = from.x == to.x ? kCap : 0, dy = from.x == to.x ? 0 : kCap;
  svg.path("whisker", path_through(std::vector<Point>{from, to}) +
                          path_through(std::vector<Point>{{from.x - dx, from.y - dy}, {from.x + dx, from.y + dy}}) +
                          path_through(std::vector<Point>{{to.x - dx, to.y - dy}, {to.x + dx, to.y + dy}}));
}

void draw_mark(Svg& svg, size_t series, Point at, std::string_view hint) {
  svg.path_at("mark", at, mark_outline(series, kMarkRadius), hint);
}

void draw_band(Svg& svg, const Plot& plot, const std::vector<BandPoint>& points) {
  if (points.empty()) return;
  std::vector<Point> outline;
  for (const BandPoint& point : points) outline.push_back(plot.at(point.x, point.high));
  for (auto point = points.rbegin(); point != points.rend(); ++point) outline.push_back(plot.at(point->x, point->low));
  svg.path("band", path_through(outline) + "Z");
}

std::vector<double> spread(std::vector<double> places, double gap, double low, double high) {
  std::vector<size_t> order(places.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return places[a] < places[b]; });
  for (size_t i = 0; i < order.size(); ++i) {
    const double least = i == 0 ? low : places[order[i - 1]] + gap;
    places[order[i]] = std::max(places[order[i]], least);
  }
  double most = high;
  for (auto i = order.rbegin(); i != order.rend(); ++i) {
    places[*i] = std::min(places[*i], most);
    most = places[*i] - gap;
  }
  return places;
}

double legend_height(const std::vector<std::string>& names, double width) {
  return names.size() < 2 ? 0 : legend_places(names, width).back().y + kLegendLine + 6;
}

double draw_legend(Svg& svg, const std::vector<std::string>& names, Point at, double width) {
  if (names.size() < 2) return 0;
  const std::vector<Point> places = legend_places(names, width);
  for (size_t i = 0; i < names.size(); ++i) {
    const Point place{at.x + places[i].x, at.y + places[i].y + 9};
    svg.open(series_class(i));
    svg.line("curve", {place.x - 3, place.y}, {place.x + 13, place.y});
    draw_mark(svg, i, {place.x + 5, place.y}, {});
    svg.close();
    svg.text("key", {place.x + 18, place.y + 4}, Anchor::start, names[i]);
  }
  return legend_height(names, width);
}

}  // namespace latentcrs
