// What the pictures have in common: the map from data to pixels, axes, whiskers, bands, marks, direct labels, legends.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "experiment/report/axis.h"
#include "experiment/report/svg.h"

namespace latentcrs {

/// The place of data in a picture: `x` and `y` fill `box`, and y grows upwards.
struct Plot {
  Box box;
  Range x, y;

  double px(double value) const { return box.left + (value - x.low) / x.length() * box.width(); }
  double py(double value) const { return box.bottom - (value - y.low) / y.length() * box.height(); }
  Point at(double x_value, double y_value) const { return {px(x_value), py(y_value)}; }
};

struct AxisStyle {
  std::string label = {};      ///< the quantity and its unit
  int ticks = 4;               ///< about so many
  bool whole_numbers = false;  ///< no ticks between whole numbers
};

/// Grid lines across the box, ticks and the label below it.
void draw_x_axis(Svg& svg, const Plot& plot, const AxisStyle& style);
/// Grid lines across the box, ticks to its left, and the label above its upper left corner.
void draw_y_axis(Svg& svg, const Plot& plot, const AxisStyle& style);

/// A line from `from` to `to` with a short bar across each end; it is level or upright.
void draw_whisker(Svg& svg, Point from, Point to);

/// The mark of series `series`, in the colour of the group that it is drawn in.
void draw_mark(Svg& svg, size_t series, Point at, std::string_view hint);

struct BandPoint {
  double x = 0, low = 0, high = 0;
};
/// The area between `low` and `high`.
void draw_band(Svg& svg, const Plot& plot, const std::vector<BandPoint>& points);

/// Moves `places` apart until neighbours have at least `gap` between them, as little as their order allows, and keeps
/// them in [low, high] where they fit in there.
std::vector<double> spread(std::vector<double> places, double gap, double low, double high);

/// The height of a legend, in pixels; 0 for fewer than two names, which need none.
double legend_height(const std::vector<std::string>& names, double width);
/// Draws the i-th name beside the mark of series i, in lines of at most `width` pixels, and returns legend_height().
double draw_legend(Svg& svg, const std::vector<std::string>& names, Point at, double width);

}  // namespace latentcrs
