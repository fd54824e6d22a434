#include "report/scatter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "report/axis.h"
#include "report/html_page.h"
#include "util/html.h"
#include "util/text_width.h"

namespace latentcrs {

namespace {

// Sizes in pixels of the picture at its natural size.
constexpr double kWidth = 880, kLeft = 52, kRight = 14, kTop = 12, kBottom = 50;
constexpr double kLeastHeight = 0.45, kMostHeight = 0.8;  // height of the plot relative to its width
constexpr double kLargestRadius = 17, kLeastRadius = 3;
constexpr double kCircleShare = 0.04;           // share of the plot's area that all circles together may take
constexpr double kCharacter = 7.2, kLine = 14;  // width and height of a character of the labels

/// The map from data to the picture. The unit has the same length on both axes.
struct PlotFrame {
  Range x, y;
  double height = 0;  // height of the plot in pixels
  double scale = 1;   // pixels per unit

  double plot_width() const { return kWidth - kLeft - kRight; }
  double px(double value) const { return kLeft + plot_width() / 2 + (value - x.middle()) * scale; }
  double py(double value) const { return kTop + height / 2 - (value - y.middle()) * scale; }
};

PlotFrame frame_of(const Scatter& scatter) {
  PlotFrame frame;
  const auto add = [&frame](double x, double y) {
    frame.x.include(x);
    frame.y.include(y);
  };
  for (const Scatter::Dot& dot : scatter.dots) add(dot.x, dot.y);
  for (const Scatter::Circle& circle : scatter.circles) add(circle.x, circle.y);
  if (frame.x.empty()) add(0, 0);  // an empty picture still needs a frame
  const double least = std::max({frame.x.length(), frame.y.length(), 1e-9}) * 0.02;
  const double x = std::max(frame.x.length(), least), y = std::max(frame.y.length(), least);
  frame.height = frame.plot_width() * std::clamp(y / x, kLeastHeight, kMostHeight);
  constexpr double kMargin = 0.94;  // share of the plot that the data takes, so that no dot lies on the border
  frame.scale = kMargin * std::min(frame.plot_width() / x, frame.height / y);
  return frame;
}

std::string ticks(const PlotFrame& frame) {
  std::string text;
  const double right = kWidth - kRight, bottom = kTop + frame.height;
  const double half_width = frame.plot_width() / 2 / frame.scale, half_height = frame.height / 2 / frame.scale;
  const std::vector<double> columns = axis_ticks(frame.x.middle() - half_width, frame.x.middle() + half_width, 8);
  for (const double x : columns)
    text += fmt::format(
        "<path class=\"grid\" d=\"M{0:.1f} {1:.1f}V{2:.1f}\"/><text x=\"{0:.1f}\" y=\"{3:.1f}\" "
        "text-anchor=\"middle\">{4}</text>\n",
        frame.px(x), kTop, bottom, bottom + 16, tick_text(x, columns));
  const std::vector<double> rows = axis_ticks(frame.y.middle() - half_height, frame.y.middle() + half_height, 6);
  for (const double y : rows)
    text += fmt::format(
        "<path class=\"grid\" d=\"M{1:.1f} {0:.1f}H{2:.1f}\"/><text x=\"{3:.1f}\" y=\"{4:.1f}\" "
        "text-anchor=\"end\">{5}</text>\n",
        frame.py(y), kLeft, right, kLeft - 7, frame.py(y) + 4, tick_text(y, rows));
  return text;
}

std::string captions(const Scatter& scatter, const PlotFrame& frame) {
  const double x = kLeft + frame.plot_width() / 2, y = kTop + frame.height / 2;
  return fmt::format(
      "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n"
      "<text transform=\"translate(13 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
      x, kTop + frame.height + 38, escape_html(scatter.x_caption), y, escape_html(scatter.y_caption));
}

/// The dots of all points, one SVG path per series: a line of length 0 with round ends is a dot and takes a tenth of
/// the bytes of a circle.
std::string dots(const Scatter& scatter, const PlotFrame& frame) {
  std::map<std::optional<size_t>, std::string> paths;  // points without a colour come first, below the others
  for (const Scatter::Dot& dot : scatter.dots)
    paths[dot.series] += fmt::format("M{:.1f} {:.1f}h0", frame.px(dot.x), frame.py(dot.y));
  std::string text;
  for (const auto& [series, path] : paths)
    text += fmt::format("<path class=\"dots {}\" d=\"{}\"/>\n", series_class(series), path);
  return text;
}

/// The radii of the circles. Their areas are proportional to the weights and as large as possible while the dots stay
/// visible.
class Radii {
 public:
  Radii(const Scatter& scatter, const PlotFrame& frame) {
    double largest = 0, total = 0;
    for (const Scatter::Circle& circle : scatter.circles) {
      largest = std::max(largest, circle.weight);
      total += circle.weight;
    }
    if (largest <= 0) return;
    constexpr double kPi = 3.14159265358979;
    const double share = kCircleShare * frame.plot_width() * frame.height * largest / total;
    scale_ = std::min(kLargestRadius, std::sqrt(share / kPi)) / std::sqrt(largest);
  }
  double of(const Scatter::Circle& circle) const {
    return std::max(kLeastRadius, scale_ * std::sqrt(std::max(0.0, circle.weight)));
  }

 private:
  double scale_ = 0;
};

std::string circles(const Scatter& scatter, const PlotFrame& frame, const Radii& radii) {
  std::string text;
  for (auto circle = scatter.circles.rbegin(); circle != scatter.circles.rend(); ++circle)
    text += fmt::format("<circle class=\"{}{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"><title>{}</title></circle>\n",
                        circle->weight > 0 ? "circle " : "hollow ", series_class(circle->series), frame.px(circle->x),
                        frame.py(circle->y), radii.of(*circle), escape_html(circle->hover));
  return text;
}

struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;

  bool meets(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
};

/// Finds places beside the circles for labels that overlap neither an earlier label nor a labelled circle.
class LabelPlacer {
 public:
  explicit LabelPlacer(const PlotFrame& frame) : frame_(frame) {}

  void keep_free(const Box& box) { taken_.push_back(box); }

  std::string place(const Scatter::Circle& circle, double r) {
    for (const std::string& label : {circle.label, circle.short_label}) {
      if (label.empty()) continue;
      if (const auto box = free_place(circle, r, kCharacter * text_width(label))) {
        taken_.push_back(*box);
        return fmt::format("<text class=\"label{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
                           circle.series ? "" : " minor", (box->left + box->right) / 2, box->bottom - 3,
                           escape_html(label));
      }
    }
    return "";
  }

 private:
  std::optional<Box> free_place(const Scatter::Circle& circle, double r, double width) const {
    const double x = frame_.px(circle.x), y = frame_.py(circle.y), gap = r + 3;
    const std::pair<double, double> corners[] = {{x + gap, y - kLine / 2},
                                                 {x - gap - width, y - kLine / 2},
                                                 {x - width / 2, y - gap - kLine},
                                                 {x - width / 2, y + gap}};
    for (const auto& [left, top] : corners) {
      const Box box{left, top, left + width, top + kLine};
      const bool inside =
          box.left >= kLeft && box.right <= kWidth - kRight && box.top >= kTop && box.bottom <= kTop + frame_.height;
      const auto meets = [&box](const Box& other) { return box.meets(other); };
      if (inside && std::none_of(taken_.begin(), taken_.end(), meets)) return box;
    }
    return std::nullopt;
  }

  const PlotFrame& frame_;
  std::vector<Box> taken_;
};

std::string labels(const Scatter& scatter, const PlotFrame& frame, const Radii& radii) {
  LabelPlacer places(frame);
  for (const Scatter::Circle& circle : scatter.circles) {
    if (circle.label.empty() && circle.short_label.empty()) continue;
    const double x = frame.px(circle.x), y = frame.py(circle.y), r = radii.of(circle);
    places.keep_free({x - r, y - r, x + r, y + r});
  }
  std::string text;
  for (const Scatter::Circle& circle : scatter.circles) text += places.place(circle, radii.of(circle));
  return text;
}

}  // namespace

std::string svg_scatter(const Scatter& scatter) {
  const PlotFrame frame = frame_of(scatter);
  const Radii radii(scatter, frame);
  return fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\">\n", kWidth,
                     kTop + frame.height + kBottom, escape_html(scatter.title)) +
         ticks(frame) +
         fmt::format("<rect class=\"frame\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n", kLeft,
                     kTop, frame.plot_width(), frame.height) +
         captions(scatter, frame) + dots(scatter, frame) + circles(scatter, frame, radii) +
         labels(scatter, frame, radii) + "</svg>\n";
}

}  // namespace latentcrs
