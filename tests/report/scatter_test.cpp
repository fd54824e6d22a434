#include "experiment/report/scatter.h"

#include <catch2/catch.hpp>
#include <cstdio>

using namespace latentcrs;
using Catch::Contains;

namespace {

std::string svg_of(const Scatter& scatter) { return scatter_picture("test", scatter).element(); }

}  // namespace

TEST_CASE("a scatter puts points in their places on one scale", "[scatter]") {
  // The far corners are as far apart in x as in y, so the shorter side, y, sets the scale.
  const std::string svg = svg_of({.title = "T",
                                  .description = "D",
                                  .x_caption = "first",
                                  .y_caption = "<second>",
                                  .dots = {{0, 0, 0}, {4, 4, {}}, {2, 2, 0}}});
  const auto place = [&svg](const char* series) {
    const size_t at = svg.find(std::string("class=\"dots ") + series);
    return svg.substr(at, svg.find("/>", at) - at);
  };
  // In the plot, 704 wide and 0.8 times as high, two dots of series 0: lower left, and the middle.
  double x0 = 0, y0 = 0, x2 = 0, y2 = 0, x4 = 0, y4 = 0;
  REQUIRE(std::sscanf(place("s0").c_str(), "class=\"dots s0\" d=\"M%lf %lfh0M%lf %lfh0", &x0, &y0, &x2, &y2) == 4);
  REQUIRE(std::sscanf(place("rest").c_str(), "class=\"dots rest\" d=\"M%lf %lfh0", &x4, &y4) == 2);
  CHECK(x4 - x2 == Approx(x2 - x0).margin(0.11));
  CHECK(y0 - y2 == Approx(y2 - y4).margin(0.11));
  CHECK(x4 - x0 == Approx(y0 - y4).margin(0.11));
  CHECK(x4 > x0);
  CHECK(y4 < y0);
  CHECK_THAT(svg, Contains("&lt;second&gt;") && !Contains("<second>"));
  CHECK_THAT(svg_of({.title = "empty", .description = "D", .x_caption = "", .y_caption = ""}),
             Contains("</svg>") && !Contains("nan"));
}

TEST_CASE("areas of circles follow their weights, and labels do not cover each other", "[scatter]") {
  Scatter scatter{.title = "T", .description = "D", .x_caption = "x", .y_caption = "y"};
  scatter.circles = {{4.5, 4.5, 400, 0, "the large one", "a", "h"},
                     {4.9, 4.5, 100, 1, "the small one", "b", "h"},
                     {9, 9, 0, {}, "", "", "none"},
                     {0, 0, 0, {}, "", "", "none"}};
  const std::string svg = svg_of(scatter);
  const auto radius = [&svg](const char* series) {
    return std::stod(svg.substr(svg.find(" r=\"", svg.find(series)) + 4));
  };
  CHECK(radius("circle s0") == Approx(2 * radius("circle s1")).epsilon(0.02));
  CHECK_THAT(svg, Contains("class=\"hollow rest\""));
  // The small circle lies where the large one's label would go first, so the label goes to the other side.
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  const char* format = "class=\"item\" x=\"%lf\" y=\"%lf\"";
  const size_t first = svg.find("class=\"item\""), second = svg.find("class=\"item\"", first + 1);
  REQUIRE(second != std::string::npos);
  REQUIRE(std::sscanf(svg.c_str() + first, format, &x1, &y1) == 2);
  REQUIRE(std::sscanf(svg.c_str() + second, format, &x2, &y2) == 2);
  const double middle = std::stod(svg.substr(svg.find("cx=\"", svg.find("circle s0")) + 4));
  CHECK(x1 < middle - 7 * 6);
  CHECK(x2 > middle + 7 * 6);
  CHECK(y1 == y2);
}
