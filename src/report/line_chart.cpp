#include "report/line_chart.h"

#include <fmt/format.h>

#include <cmath>

#include "report/axis.h"
#include "report/html_page.h"
#include "util/html.h"

namespace latentcrs {

namespace {

constexpr double kWidth = 360, kHeight = 190, kWideHeight = 220, kWideWidth = 640;
constexpr double kLeft = 50, kRight = 12, kTop = 10, kBottom = 30;

class Drawing {
 public:
  explicit Drawing(const LineChart& chart)
      : chart_(chart), width_(chart.wide ? kWideWidth : kWidth), height_(chart.wide ? kWideHeight : kHeight) {
    for (const ChartSeries& series : chart.series)
      for (const ChartPoint& point : series.points) {
        if (!std::isfinite(point.y)) continue;
        x_.include(point.x);
        y_.include(point.y);
        if (!point.interval) continue;
        y_.include(point.interval->first);
        y_.include(point.interval->second);
      }
    if (empty()) return;
    x_ = x_.high > x_.low ? x_ : x_.padded(1);
    if (chart.from_zero) y_.include(0);
    y_ = y_.padded(0.05);
    if (chart.from_zero) y_.low = 0;
  }

  bool empty() const { return y_.empty(); }

  std::string svg() {
    out_ = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n", width_, height_,
                       escape_html(chart_.title));
    draw_axes();
    for (size_t i = 0; i < chart_.series.size(); ++i) draw(chart_.series[i], i);
    return out_ + "</svg>";
  }

 private:
  double place_x(double x) const { return kLeft + (x - x_.low) / (x_.high - x_.low) * (width_ - kLeft - kRight); }
  double place_y(double y) const {
    return height_ - kBottom - (y - y_.low) / (y_.high - y_.low) * (height_ - kTop - kBottom);
  }

  void line(const char* classes, double x1, double y1, double x2, double y2) {
    out_ += fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>", classes, x1, y1,
                        x2, y2);
  }
  void text(const char* anchor, double x, double y, const std::string& content) {
    out_ +=
        fmt::format("<text text-anchor=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", anchor, x, y, escape_html(content));
  }

  void draw_axes() {
    const std::vector<double> rows = axis_ticks(y_.low, y_.high, 4);
    for (const double y : rows) {
      line("grid", kLeft, place_y(y), width_ - kRight, place_y(y));
      text("end", kLeft - 6, place_y(y) + 4, tick_text(y, rows));
    }
    const double base = height_ - kBottom;
    line("axis", kLeft, base, width_ - kRight, base);
    for (const double x : axis_ticks(x_.low, x_.high, 6)) {
      if (x != std::floor(x)) continue;  // ticks of epochs and turns are whole numbers
      line("axis", place_x(x), base, place_x(x), base + 4);
      text("middle", place_x(x), base + 16, fmt::format("{:.0f}", x));
    }
    text("end", width_ - kRight, height_ - 2, chart_.x_label);
    out_ += '\n';
  }

  void draw(const ChartSeries& series, size_t index) {
    out_ +=
        fmt::format("<g class=\"series {}\"><title>{}</title>", series_class(series.colour), escape_html(series.name));
    std::string path;
    bool pen_down = false;
    for (const ChartPoint& point : series.points) {
      const bool drawn = std::isfinite(point.y);
      if (drawn) path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", place_x(point.x), place_y(point.y));
      pen_down = drawn;
    }
    out_ += fmt::format("<path class=\"curve\" d=\"{}\"/>", path);
    // The whiskers of different series are drawn side by side.
    const double aside = 3.0 * (static_cast<double>(index) - static_cast<double>(chart_.series.size() - 1) / 2);
    for (const ChartPoint& point : series.points) {
      if (!std::isfinite(point.y)) continue;
      if (point.interval) {
        const double x = place_x(point.x) + aside;
        line("whisker", x, place_y(point.interval->first), x, place_y(point.interval->second));
      }
      if (chart_.with_dots || series.points.size() == 1) dot("series-fill", point, 3);
    }
    if (series.best) dot("mark", series.points[*series.best], 4);
    out_ += "</g>\n";
  }

  void dot(const char* classes, const ChartPoint& point, double radius) {
    out_ +=
        fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\"><title>{} {:g}: {:.4f}</title></circle>",
                    classes, place_x(point.x), place_y(point.y), radius, escape_html(chart_.x_label), point.x, point.y);
  }

  const LineChart& chart_;
  double width_, height_;
  Range x_, y_;
  std::string out_;
};

std::string caption(const LineChart& chart) {
  std::string text = escape_html(chart.title);
  for (const ChartSeries& series : chart.series) {
    if (!series.best) continue;
    const ChartPoint& best = series.points[*series.best];
    text += fmt::format(" <small class=\"{}\">{}best {:.4f} at {:g}</small>", series_class(series.colour),
                        chart.series.size() > 1 ? "<span class=\"chip\"></span>" : "", best.y, best.x);
  }
  return text;
}

}  // namespace

std::string chart_html(const LineChart& chart) {
  Drawing drawing(chart);
  const std::string picture = drawing.empty() ? html_note("No finite value.") : drawing.svg();
  return fmt::format("<figure{}><figcaption>{}</figcaption>{}</figure>\n", chart.wide ? " class=\"wide\"" : "",
                     caption(chart), picture);
}

std::string legend_html(const std::vector<std::string>& names) {
  if (names.size() < 2) return "";
  std::string out = "<div class=\"legend\">";
  for (size_t i = 0; i < names.size(); ++i)
    out +=
        fmt::format("<span class=\"{}\"><span class=\"chip\"></span>{}</span>", series_class(i), escape_html(names[i]));
  return out + "</div>\n";
}

}  // namespace latentcrs
