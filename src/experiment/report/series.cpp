#include "experiment/report/series.h"

#include <fmt/format.h>

#include <cmath>

namespace latentcrs {

namespace {

/// A polygon whose corners lie at `radius` and, if it is a star, alternately at `inner`.
std::string polygon_outline(int corners, double radius, double inner, double first_degrees) {
  std::string path;
  constexpr double kDegree = 3.14159265358979 / 180;
  for (int i = 0; i < corners; ++i) {
    const double angle = (first_degrees + 360.0 * i / corners) * kDegree, r = i % 2 == 0 ? radius : inner;
    path += fmt::format("{}{:.2f} {:.2f}", i == 0 ? "M" : "L", r * std::cos(angle), r * std::sin(angle));
  }
  return path + "Z";
}

}  // namespace

std::string series_class(std::optional<size_t> series) {
  return series ? fmt::format("s{}", *series % kSeriesColours) : "rest";
}

std::string mark_outline(size_t series, double radius) {
  switch (series % kSeriesColours) {
    case 1: return polygon_outline(4, 1.25 * radius, 1.25 * radius, 45);    // square
    case 2: return polygon_outline(3, 1.56 * radius, 1.56 * radius, -90);   // triangle
    case 3: return polygon_outline(4, 1.3 * radius, 1.3 * radius, 0);       // diamond
    case 4: return polygon_outline(3, 1.56 * radius, 1.56 * radius, 90);    // triangle, tip below
    case 5: return polygon_outline(10, 1.55 * radius, 0.72 * radius, -90);  // star
    case 6: return polygon_outline(6, 1.15 * radius, 1.15 * radius, 0);     // hexagon
    case 7: return polygon_outline(8, 1.6 * radius, 0.65 * radius, -90);    // star of four points
    default:
      return fmt::format("M{0:.2f} 0A{1:.2f} {1:.2f} 0 1 1 {2:.2f} 0A{1:.2f} {1:.2f} 0 1 1 {0:.2f} 0Z", -radius, radius,
                         radius);
  }
}

}  // namespace latentcrs
