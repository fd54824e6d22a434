// Scatter plots as SVG inside a page of html_page.h.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace latentcrs {

/// Many points and a few circles over them. Both axes have one scale: what looks far apart is.
struct Scatter {
  struct Dot {
    double x = 0, y = 0;
    std::optional<size_t> series = {};  ///< as series_class
  };
  struct Circle {
    double x = 0, y = 0;
    double weight = 0;                  ///< shown as the circle's area; 0: a small hollow circle
    std::optional<size_t> series = {};  ///< as series_class
    std::string label = {};             ///< drawn beside it where there is room
    std::string short_label = {};       ///< drawn where there is room for this only; empty: none
    std::string hover = {};             ///< shown under the pointer; lines separated by \n
  };
  std::string title;  ///< for those who cannot see the picture
  std::string x_caption, y_caption;
  std::vector<Dot> dots = {};
  std::vector<Circle> circles = {};  ///< the first ones are given their labels first, and lie above the others
};

/// An <svg> element that takes the width of its container.
std::string svg_scatter(const Scatter& scatter);

}  // namespace latentcrs
