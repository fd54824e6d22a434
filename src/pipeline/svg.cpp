#include "latentcrs/pipeline/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "latentcrs/util/html.h"
#include "util/text_width.h"

namespace latentcrs {

namespace {

// Pixels of the picture at its natural size.
constexpr double kWidth = 880, kLeft = 52, kRight = 14, kTop = 12, kBottom = 50;
constexpr double kLeastHeight = 0.45, kMostHeight = 0.8;  // of the plot, relative to its width
constexpr double kLargestRadius = 17, kLeastRadius = 3;
constexpr double kCircleShare = 0.04;           // of the plot's area that circles may take together
constexpr double kCharacter = 7.2, kLine = 14;  // size of the labels' letters

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  double length() const { return high - low; }
  double middle() const { return (low + high) / 2; }
};

/// Where data comes to lie in the picture. One unit is as long on both axes.
struct Frame {
  Range x, y;
  double height = 0;  // of the plot
  double scale = 1;   // pixels a unit

  double plot_width() const { return kWidth - kLeft - kRight; }
  double px(double value) const { return kLeft + plot_width() / 2 + (value - x.middle()) * scale; }
  double py(double value) const { return kTop + height / 2 - (value - y.middle()) * scale; }
};

Frame frame_of(const Scatter& scatter) {
  Frame frame;
  const auto add = [&frame](double x, double y) {
    frame.x.add(x);
    frame.y.add(y);
  };
  for (const Scatter::Dot& dot : scatter.dots) add(dot.x, dot.y);
  for (const Scatter::Circle& circle : scatter.circles) add(circle.x, circle.y);
  if (frame.x.length() < 0) add(0, 0);  // nothing to draw
  const double least = std::max({frame.x.length(), frame.y.length(), 1e-9}) * 0.02;
  const double x = std::max(frame.x.length(), least), y = std::max(frame.y.length(), least);
  frame.height = frame.plot_width() * std::clamp(y / x, kLeastHeight, kMostHeight);
  constexpr double kMargin = 0.94;  // no dot on the border
  frame.scale = kMargin * std::min(frame.plot_width() / x, frame.height / y);
  return frame;
}

/// The round number next to `length` / `count`: 1, 2 or 5 times a power of ten.
double tick_step(double length, int count) {
  const double rough = length / count, power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (rough <= factor * power) return factor * power;
  return 10 * power;
}

std::string ticks(const Frame& frame) {
  std::string text;
  const double right = kWidth - kRight, bottom = kTop + frame.height;
  const double step = tick_step(frame.plot_width() / frame.scale, 8);
  const auto first = [step](double low) { return std::ceil(low / step); };
  const double x_low = frame.x.middle() - frame.plot_width() / 2 / frame.scale;
  const double y_low = frame.y.middle() - frame.height / 2 / frame.scale;
  for (double i = first(x_low); frame.px(i * step) <= right; ++i)
    text += fmt::format(
        "<path class=\"grid\" d=\"M{0:.1f} {1:.1f}V{2:.1f}\"/><text class=\"tick\" x=\"{0:.1f}\" y=\"{3:.1f}\" "
        "text-anchor=\"middle\">{4:.4g}</text>\n",
        frame.px(i * step), kTop, bottom, bottom + 16, i * step + 0.0);
  for (double i = first(y_low); frame.py(i * step) >= kTop; ++i)
    text += fmt::format(
        "<path class=\"grid\" d=\"M{1:.1f} {0:.1f}H{2:.1f}\"/><text class=\"tick\" x=\"{3:.1f}\" y=\"{4:.1f}\" "
        "text-anchor=\"end\">{5:.4g}</text>\n",
        frame.py(i * step), kLeft, right, kLeft - 7, frame.py(i * step) + 4, i * step + 0.0);
  return text;
}

std::string captions(const Scatter& scatter, const Frame& frame) {
  const double x = kLeft + frame.plot_width() / 2, y = kTop + frame.height / 2;
  return fmt::format(
      "<text class=\"caption\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n"
      "<text class=\"caption\" transform=\"translate(13 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
      x, kTop + frame.height + 38, escape_html(scatter.x_caption), y, escape_html(scatter.y_caption));
}

/// One path a series: a zero-length line with round ends is a dot, in a tenth of the bytes of a circle.
std::string dots(const Scatter& scatter, const Frame& frame) {
  std::map<int, std::string> paths;
  for (const Scatter::Dot& dot : scatter.dots)
    paths[dot.series] += fmt::format("M{:.1f} {:.1f}h0", frame.px(dot.x), frame.py(dot.y));
  std::string text;
  for (const auto& [series, path] : paths)
    text += fmt::format("<path class=\"dots {}\" d=\"{}\"/>\n", series_class(series), path);
  return text;
}

/// Areas in proportion to the weights, as large as lets all circles together leave the dots visible.
class Radii {
 public:
  Radii(const Scatter& scatter, const Frame& frame) {
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

std::string circles(const Scatter& scatter, const Frame& frame, const Radii& radii) {
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

/// Finds places beside circles that no earlier label and no labelled circle takes.
class Labels {
 public:
  explicit Labels(const Frame& frame) : frame_(frame) {}

  void keep_free(const Box& box) { taken_.push_back(box); }

  std::string place(const Scatter::Circle& circle, double r) {
    for (const std::string& label : {circle.label, circle.short_label}) {
      if (label.empty()) continue;
      if (const auto box = free_place(circle, r, kCharacter * text_width(label))) {
        taken_.push_back(*box);
        return fmt::format("<text class=\"label{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
                           circle.series < 0 ? " minor" : "", (box->left + box->right) / 2, box->bottom - 3,
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

  const Frame& frame_;
  std::vector<Box> taken_;
};

std::string labels(const Scatter& scatter, const Frame& frame, const Radii& radii) {
  Labels places(frame);
  for (const Scatter::Circle& circle : scatter.circles) {
    if (circle.label.empty() && circle.short_label.empty()) continue;
    const double x = frame.px(circle.x), y = frame.py(circle.y), r = radii.of(circle);
    places.keep_free({x - r, y - r, x + r, y + r});
  }
  std::string text;
  for (const Scatter::Circle& circle : scatter.circles) text += places.place(circle, radii.of(circle));
  return text;
}

constexpr const char* kLightSeries[kSeriesColours] = {"#2a78d6", "#eb6834", "#1baf7a", "#eda100",
                                                      "#e87ba4", "#008300", "#4a3aa7", "#e34948"};
constexpr const char* kDarkSeries[kSeriesColours] = {"#3987e5", "#d95926", "#199e70", "#c98500",
                                                     "#d55181", "#4caf50", "#9085e9", "#e66767"};

std::string series_rules(const char* const (&colours)[kSeriesColours], const char* rest) {
  std::string text = fmt::format(".rest{{--c:{}}}", rest);
  for (int i = 0; i < kSeriesColours; ++i) text += fmt::format(".{}{{--c:{}}}", series_class(i), colours[i]);
  return text + "\n";
}

}  // namespace

std::string series_class(int series) { return series < 0 ? "rest" : fmt::format("series{}", series); }

std::string svg_style() {
  return ":root{color-scheme:light dark;--page:#fcfcfb;--ink:#1d1d1b;--muted:#6b6a65;--line:#e4e3df}\n" +
         series_rules(kLightSeries, "#a3a29c") +
         "@media (prefers-color-scheme:dark){:root{--page:#1a1a19;--ink:#f2f1ec;--muted:#a3a29c;--line:#373733}\n" +
         series_rules(kDarkSeries, "#77766f") +
         "}\n"
         "svg{display:block;width:100%;height:auto;font:12px system-ui,sans-serif}\n"
         ".frame{fill:none;stroke:var(--line)}.grid{fill:none;stroke:var(--line);stroke-width:.7}\n"
         ".tick,.caption{fill:var(--muted)}.tick{font-size:11px}\n"
         ".dots{fill:none;stroke:var(--c);stroke-width:3.4;stroke-linecap:round;stroke-opacity:.55}\n"
         ".dots.rest{stroke-opacity:.35}\n"
         ".circle{fill:var(--c);fill-opacity:.85;stroke:var(--page);stroke-width:1.5}.circle.rest{fill-opacity:.6}\n"
         ".hollow{fill:var(--page);fill-opacity:.4;stroke:var(--c);stroke-width:1}\n"
         ".circle:hover,.hollow:hover{stroke:var(--ink)}\n"
         ".label{fill:var(--ink);stroke:var(--page);stroke-width:3.5;stroke-linejoin:round;paint-order:stroke;"
         "font-weight:600;pointer-events:none}.label.minor{font-weight:400;fill:var(--muted)}\n";
}

std::string svg_scatter(const Scatter& scatter) {
  const Frame frame = frame_of(scatter);
  const Radii radii(scatter, frame);
  return fmt::format(
             "<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\" "
             "xmlns=\"http://www.w3.org/2000/svg\">\n",
             kWidth, kTop + frame.height + kBottom, escape_html(scatter.title)) +
         ticks(frame) +
         fmt::format("<rect class=\"frame\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n", kLeft,
                     kTop, frame.plot_width(), frame.height) +
         captions(scatter, frame) + dots(scatter, frame) + circles(scatter, frame, radii) +
         labels(scatter, frame, radii) + "</svg>\n";
}

}  // namespace latentcrs
