#include "experiment/report/svg.h"

#include <catch2/catch.hpp>

#include "experiment/report/plot.h"
#include "experiment/report/series.h"

using namespace latentcrs;
using Catch::Contains;

TEST_CASE("a picture says what it shows, and its texts are escaped", "[svg]") {
  Svg svg("a-name", 100, 50, "T & t", "what <it> shows");
  svg.open("s0", "a \"hint\"");
  svg.line("axis", {1, 2}, {3, 4.25});
  svg.text("tick", {5, 6}, Anchor::end, "x < y");
  svg.circle("best", {7, 8}, 2.5);
  svg.close();
  CHECK(svg.element() ==
        "<svg width=\"100\" height=\"50\" viewBox=\"0 0 100 50\" role=\"img\" "
        "aria-labelledby=\"a-name-title a-name-description\">\n"
        "<title id=\"a-name-title\">T &amp; t</title>\n"
        "<desc id=\"a-name-description\">what &lt;it&gt; shows</desc>\n"
        "<g class=\"s0\"><title>a &quot;hint&quot;</title>\n"
        "<line class=\"axis\" x1=\"1.0\" y1=\"2.0\" x2=\"3.0\" y2=\"4.2\"/>\n"
        "<text class=\"tick\" x=\"5.0\" y=\"6.0\" text-anchor=\"end\">x &lt; y</text>\n"
        "<circle class=\"best\" cx=\"7.0\" cy=\"8.0\" r=\"2.5\"/>\n"
        "</g>\n</svg>\n");
}

TEST_CASE("a picture of its own brings its light colours and needs no variables", "[svg]") {
  const std::string svg = Svg("n", 10, 10, "T", "D").document();
  CHECK_THAT(
      svg, Catch::StartsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\""));
  CHECK_THAT(svg, Contains("svg .s0 { color: #2a78d6; }") && Contains("svg .ground { fill: #ffffff; }"));
  CHECK_THAT(svg, Contains("<rect class=\"ground\" width=\"10\" height=\"10\"/>"));
  CHECK_THAT(svg, !Contains("var(") && !Contains("url(") && !Contains("@import"));
}

TEST_CASE("text that is not UTF-8 does not spoil a picture", "[svg]") {
  Svg svg("n", 10, 10, "caf\xe9", "D");
  svg.text("tick", {0, 0}, Anchor::start, std::string("a\x01z"));
  CHECK_THAT(svg.element(), Contains("café") && Contains(">a z<"));
}

TEST_CASE("a plot puts data in its box", "[plot]") {
  const Plot plot{{10, 20, 110, 70}, {0, 4}, {-1, 1}};
  CHECK(plot.px(1) == 35);
  CHECK(plot.py(-1) == 70);
  CHECK(plot.py(0.5) == 32.5);
  Svg svg("n", 200, 100, "T", "D");
  draw_y_axis(svg, plot, {.label = "loss", .ticks = 2});
  CHECK_THAT(svg.element(), Contains("class=\"tick\" x=\"4.0\" y=\"74.0\" text-anchor=\"end\">−1<"));
  CHECK_THAT(svg.element(), Contains("class=\"grid\" x1=\"10.0\" y1=\"45.0\" x2=\"110.0\" y2=\"45.0\""));
  draw_whisker(svg, {30, 40}, {50, 40});
  CHECK_THAT(svg.element(), Contains("d=\"M30.0 40.0L50.0 40.0M30.0 37.0L30.0 43.0M50.0 37.0L50.0 43.0\""));
}

TEST_CASE("labels move apart as little as they must", "[plot]") {
  CHECK(spread({10, 12, 40}, 5, 0, 100) == std::vector<double>{10, 15, 40});
  CHECK(spread({12, 10}, 5, 0, 100) == std::vector<double>{15, 10});
  CHECK(spread({98, 99}, 5, 0, 100) == std::vector<double>{95, 100});
  CHECK(spread({-3}, 5, 0, 100) == std::vector<double>{0});
  CHECK(spread({}, 5, 0, 100).empty());
}

TEST_CASE("a legend breaks into lines, and one name needs none", "[plot]") {
  CHECK(legend_height({"alone"}, 100) == 0);
  CHECK(legend_height({"a", "b"}, 100) == 24);
  CHECK(legend_height({"a", "b"}, 60) == 42);
}

TEST_CASE("each series has a mark of its own", "[series]") {
  for (size_t a = 0; a < kSeriesColours; ++a)
    for (size_t b = 0; b < a; ++b) CHECK(mark_outline(a, 4) != mark_outline(b, 4));
  CHECK(mark_outline(0, 4) == mark_outline(kSeriesColours, 4));
  CHECK(mark_outline(3, 10) == "M13.00 0.00L0.00 13.00L-13.00 0.00L-0.00 -13.00Z");
  CHECK(series_class(9) == "s1");
  CHECK(series_class({}) == "rest");
}
