#include "experiment/report/svg.h"

#include <fmt/format.h>

#include "base/util/html.h"
#include "base/util/text_width.h"
#include "base/util/utf8.h"
#include "experiment/report/assets.h"

namespace latentcrs {

namespace {

/// Text for XML, which takes valid UTF-8 only.
std::string escape_xml(std::string_view text) {
  return escape_html(is_utf8(text) ? std::string(text) : utf8_from_latin1(text));
}

std::string hint_element(std::string_view hint) {
  return hint.empty() ? "" : fmt::format("<title>{}</title>", escape_xml(hint));
}

/// The style with the light colours in place of the page's variables, which programs that draw SVG do not know.
std::string light_style() {
  const std::string_view style = report_asset("figure.css"), colours = report_asset("colours.css");
  std::string out;
  for (size_t at = 0;;) {
    const size_t begin = style.find("var(--", at);
    out += style.substr(at, begin - at);
    if (begin == std::string_view::npos) return out;
    const size_t end = style.find(')', begin);
    const std::string name = std::string(style.substr(begin + 4, end - begin - 4)) + ": ";
    const size_t value = colours.find(name) + name.size();  // the light colours come first
    out += colours.substr(value, colours.find(';', value) - value);
    at = end + 1;
  }
}

constexpr std::string_view name_of(Anchor anchor) {
  return anchor == Anchor::start ? "start" : anchor == Anchor::middle ? "middle" : "end";
}

}  // namespace

double text_pixels(std::string_view text) {
  constexpr double kCharacter = 6.4;
  return kCharacter * text_width(text);
}

std::string path_through(std::span<const Point> points) {
  std::string path;
  for (const Point& point : points) path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", point.x, point.y);
  return path;
}

Svg::Svg(std::string name, double width, double height, std::string title, std::string description)
    : name_(std::move(name)),
      title_(std::move(title)),
      description_(std::move(description)),
      width_(width),
      height_(height) {}

void Svg::shape(std::string_view tag, std::string_view classes, std::string_view attributes, std::string_view hint) {
  body_ += fmt::format("<{} class=\"{}\" {}", tag, classes, attributes);
  body_ += hint.empty() ? "/>\n" : fmt::format(">{}</{}>\n", hint_element(hint), tag);
}

void Svg::line(std::string_view classes, Point from, Point to) {
  shape("line", classes,
        fmt::format("x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"", from.x, from.y, to.x, to.y), {});
}

void Svg::rect(std::string_view classes, const Box& box) {
  shape("rect", classes,
        fmt::format("x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"", box.left, box.top, box.width(),
                    box.height()),
        {});
}

void Svg::text(std::string_view classes, Point at, Anchor anchor, std::string_view content) {
  body_ += fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", classes, at.x,
                       at.y, name_of(anchor), escape_xml(content));
}

void Svg::text_upwards(std::string_view classes, Point at, std::string_view content) {
  body_ += fmt::format(
      "<text class=\"{}\" transform=\"translate({:.1f} {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
      classes, at.x, at.y, escape_xml(content));
}

void Svg::circle(std::string_view classes, Point centre, double radius, std::string_view hint) {
  shape("circle", classes, fmt::format("cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"", centre.x, centre.y, radius), hint);
}

void Svg::path(std::string_view classes, std::string_view d, std::string_view hint) {
  shape("path", classes, fmt::format("d=\"{}\"", d), hint);
}

void Svg::path_at(std::string_view classes, Point at, std::string_view d, std::string_view hint) {
  shape("path", classes, fmt::format("transform=\"translate({:.1f} {:.1f})\" d=\"{}\"", at.x, at.y, d), hint);
}

void Svg::open(std::string_view classes, std::string_view hint) {
  body_ += fmt::format("<g class=\"{}\">{}\n", classes, hint_element(hint));
}

void Svg::close() { body_ += "</g>\n"; }

std::string Svg::whole(std::string_view attributes, std::string_view style) const {
  return fmt::format(
      "<svg{0} width=\"{1:.0f}\" height=\"{2:.0f}\" viewBox=\"0 0 {1:.0f} {2:.0f}\" role=\"img\" "
      "aria-labelledby=\"{3}-title {3}-description\">\n<title id=\"{3}-title\">{4}</title>\n"
      "<desc id=\"{3}-description\">{5}</desc>\n{6}{7}</svg>\n",
      attributes, width_, height_, name_, escape_xml(title_), escape_xml(description_), style, body_);
}

std::string Svg::element() const { return whole("", ""); }

std::string Svg::document() const {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
         whole(" xmlns=\"http://www.w3.org/2000/svg\"",
               fmt::format("<style>\n{}</style>\n<rect class=\"ground\" width=\"{:.0f}\" height=\"{:.0f}\"/>\n",
                           light_style(), width_, height_));
}

}  // namespace latentcrs
