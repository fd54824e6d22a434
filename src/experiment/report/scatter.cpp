#include "experiment/report/scatter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "experiment/report/plot.h"
#include "experiment/report/series.h"

namespace latentcrs {

namespace {

// Sizes in pixels of the picture at its natural size.
constexpr double kWidth = 760, kLeft = 46, kRight = 10, kTop = 26, kBottom = 40;
constexpr double kLeastHeight = 0.45, kMostHeight = 0.8;  // height of the plot relative to its width
constexpr double kLargestRadius = 17, kLeastRadius = 3;
constexpr double kCircleShare = 0.04;  // share of the plot's area that all circles together may take
constexpr double kLine = 14;           // height of a label
constexpr double kBold = 1.1;          // width of bold text relative to plain text
constexpr double kMargin = 0.94;       // share of the plot that the data takes, so that no dot lies on the border

/// The ranges of the data in a plot in which the unit has the same length on both axes.
Plot plot_of(const Scatter& scatter) {
  Range x, y;
  const auto add = [&](double to_x, double to_y) {
    x.include(to_x);
    y.include(to_y);
  };
  for (const Scatter::Dot& dot : scatter.dots) add(dot.x, dot.y);
  for (const Scatter::Circle& circle : scatter.circles) add(circle.x, circle.y);
  if (x.empty()) add(0, 0);  // an empty picture still needs a frame
  const double least = std::max({x.length(), y.length(), 1e-9}) * 0.02;
  const double wide = std::max(x.length(), least), high = std::max(y.length(), least);
  const double width = kWidth - kLeft - kRight;
  const double height = width * std::clamp(high / wide, kLeastHeight, kMostHeight);
  const double scale = kMargin * std::min(width / wide, height / high);  // pixels per unit
  const auto around = [scale](const Range& range, double pixels) {
    return Range{range.middle() - pixels / 2 / scale, range.middle() + pixels / 2 / scale};
  };
  return {{kLeft, kTop, kLeft + width, kTop + height}, around(x, width), around(y, height)};
}

/// The dots of all points, one SVG path per series: a line of length 0 with round ends is a dot and takes a tenth of
/// the bytes of a circle.
void draw_dots(Svg& svg, const Scatter& scatter, const Plot& plot) {
  std::map<std::optional<size_t>, std::string> paths;  // points without a colour come first, below the others
  for (const Scatter::Dot& dot : scatter.dots)
    paths[dot.series] += fmt::format("M{:.1f} {:.1f}h0", plot.px(dot.x), plot.py(dot.y));
  for (const auto& [series, path] : paths) svg.path("dots " + series_class(series), path);
}

/// The radii of the circles. Their areas are proportional to the weights and as large as possible while the dots stay
/// visible.
class Radii {
 public:
  Radii(const Scatter& scatter, const Plot& plot) {
    double largest = 0, total = 0;
    for (const Scatter::Circle& circle : scatter.circles) {
      largest = std::max(largest, circle.weight);
      total += circle.weight;
    }
    if (largest <= 0) return;
    constexpr double kPi = 3.14159265358979;
    const double share = kCircleShare * plot.box.width() * plot.box.height() * largest / total;
    scale_ = std::min(kLargestRadius, std::sqrt(share / kPi)) / std::sqrt(largest);
  }
  double of(const Scatter::Circle& circle) const {
    return std::max(kLeastRadius, scale_ * std::sqrt(std::max(0.0, circle.weight)));
  }

 private:
  double scale_ = 0;
};

/// The first circles lie above the others.
void draw_circles(Svg& svg, const Scatter& scatter, const Plot& plot, const Radii& radii) {
  for (auto circle = scatter.circles.rbegin(); circle != scatter.circles.rend(); ++circle)
    svg.circle((circle->weight > 0 ? "circle " : "hollow ") + series_class(circle->series),
               plot.at(circle->x, circle->y), radii.of(*circle), circle->hover);
}

/// Finds places beside the circles for labels that overlap neither an earlier label nor a labelled circle.
class LabelPlacer {
 public:
  explicit LabelPlacer(const Plot& plot) : plot_(plot) {}

  void keep_free(const Box& box) { taken_.push_back(box); }

  void place(Svg& svg, const Scatter::Circle& circle, double r) {
    for (const std::string& label : {circle.label, circle.short_label}) {
      if (label.empty()) continue;
      if (const auto box = free_place(circle, r, kBold * text_pixels(label))) {
        taken_.push_back(*box);
        svg.text(circle.series ? "item" : "item minor", {(box->left + box->right) / 2, box->bottom - 3}, Anchor::middle,
                 label);
        return;
      }
    }
  }

 private:
  std::optional<Box> free_place(const Scatter::Circle& circle, double r, double width) const {
    const auto [x, y] = plot_.at(circle.x, circle.y);
    const double gap = r + 3;
    const Point corners[] = {{x + gap, y - kLine / 2},
                             {x - gap - width, y - kLine / 2},
                             {x - width / 2, y - gap - kLine},
                             {x - width / 2, y + gap}};
    for (const auto& [left, top] : corners) {
      const Box box{left, top, left + width, top + kLine};
      const auto meets = [&box](const Box& other) { return box.meets(other); };
      if (plot_.box.holds(box) && std::none_of(taken_.begin(), taken_.end(), meets)) return box;
    }
    return std::nullopt;
  }

  const Plot& plot_;
  std::vector<Box> taken_;
};

void draw_labels(Svg& svg, const Scatter& scatter, const Plot& plot, const Radii& radii) {
  LabelPlacer places(plot);
  for (const Scatter::Circle& circle : scatter.circles) {
    if (circle.label.empty() && circle.short_label.empty()) continue;
    const auto [x, y] = plot.at(circle.x, circle.y);
    const double r = radii.of(circle);
    places.keep_free({x - r, y - r, x + r, y + r});
  }
  for (const Scatter::Circle& circle : scatter.circles) places.place(svg, circle, radii.of(circle));
}

}  // namespace

Svg scatter_picture(const std::string& name, const Scatter& scatter) {
  const Plot plot = plot_of(scatter);
  const Radii radii(scatter, plot);
  Svg svg(name, kWidth, plot.box.bottom + kBottom, scatter.title, scatter.description);
  draw_x_axis(svg, plot, {.label = scatter.x_caption, .ticks = 8});
  draw_y_axis(svg, plot, {.label = scatter.y_caption, .ticks = 6});
  svg.rect("frame", plot.box);
  draw_dots(svg, scatter, plot);
  draw_circles(svg, scatter, plot, radii);
  draw_labels(svg, scatter, plot, radii);
  return svg;
}

}  // namespace latentcrs
