// Scatter plots.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "experiment/report/svg.h"

namespace latentcrs {

/// Many points, and a few circles drawn over them. Both axes have the same scale, so distances in the picture are
/// proportional to distances in the data.
struct Scatter {
  struct Dot {
    double x = 0, y = 0;
    std::optional<size_t> series = {};  ///< as series_class
  };
  struct Circle {
    double x = 0, y = 0;
    double weight = 0;                  ///< the circle's area is proportional to it; 0 draws a small hollow circle
    std::optional<size_t> series = {};  ///< as series_class
    std::string label = {};             ///< drawn beside the circle if there is room
    std::string short_label = {};       ///< drawn if there is room for it only; empty for no short label
    std::string hover = {};             ///< text shown when the pointer is over the circle; lines are separated by \n
  };
  std::string title, description;
  std::string x_caption, y_caption;
  std::vector<Dot> dots = {};
  std::vector<Circle> circles =
      {};  ///< in order of importance: the first ones are labelled first and lie above the others
};

Svg scatter_picture(const std::string& name, const Scatter& scatter);

}  // namespace latentcrs
