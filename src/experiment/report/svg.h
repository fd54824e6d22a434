// A picture in SVG while it is drawn. Its looks are classes of assets/figure.css, so that a page can show it light or
// dark.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace latentcrs {

struct Point {
  double x = 0, y = 0;
};

/// A rectangle in pixels; y grows downwards.
struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;

  double width() const { return right - left; }
  double height() const { return bottom - top; }
  bool meets(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
  bool holds(const Box& other) const {
    return other.left >= left && other.right <= right && other.top >= top && other.bottom <= bottom;
  }
};

/// Where a text lies relative to its place.
enum class Anchor { start, middle, end };

/// The width in pixels that a text of a picture takes, about.
double text_pixels(std::string_view text);

/// The corners as the `d` of a path: "M1.0 2.0L3.0 4.0".
std::string path_through(std::span<const Point> points);

class Svg {
 public:
  /// A picture of `width` x `height` pixels. `name` is made of letters, digits and hyphens, and no two pictures of a
  /// page have the same; `title` and `description` are what a screen reader says.
  Svg(std::string name, double width, double height, std::string title, std::string description);

  const std::string& title() const { return title_; }

  void line(std::string_view classes, Point from, Point to);
  void rect(std::string_view classes, const Box& box);
  /// Texts and hints are plain text. A hint is shown while the pointer is over the element.
  void text(std::string_view classes, Point at, Anchor anchor, std::string_view content);
  /// A text that is read from below, centred at its place.
  void text_upwards(std::string_view classes, Point at, std::string_view content);
  void circle(std::string_view classes, Point centre, double radius, std::string_view hint = {});
  void path(std::string_view classes, std::string_view d, std::string_view hint = {});
  /// A path that was made around the origin, with the origin put at `at`.
  void path_at(std::string_view classes, Point at, std::string_view d, std::string_view hint = {});
  /// What is drawn until close() belongs to a group.
  void open(std::string_view classes, std::string_view hint = {});
  void close();

  /// The picture as an element of a page with the style of html_page.h, in its size or the page's, if that is smaller.
  std::string element() const;
  /// The picture as a file of its own, with its styles on a light ground.
  std::string document() const;

 private:
  void shape(std::string_view tag, std::string_view classes, std::string_view attributes, std::string_view hint);
  std::string whole(std::string_view attributes, std::string_view style) const;

  std::string name_, title_, description_, body_;
  double width_, height_;
};

}  // namespace latentcrs
