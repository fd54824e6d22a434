#include "../../src/report/line_chart.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace latentcrs;

TEST_CASE("ticks are round and inside", "[line_chart]") {
  CHECK(axis_ticks(0, 10, 5) == std::vector<double>{0, 2, 4, 6, 8, 10});
  CHECK(axis_ticks(-3, 3, 3) == std::vector<double>{-2, 0, 2});
  CHECK(axis_ticks(1, 60, 6) == std::vector<double>{10, 20, 30, 40, 50, 60});
  CHECK(axis_ticks(2, 2, 4).empty());
  const auto small = axis_ticks(0.0013, 0.0058, 4);
  REQUIRE(small.size() == 4);
  CHECK(small[0] == Approx(0.002));
  CHECK_FALSE(std::signbit(axis_ticks(0, 5, 5).front()));
  CHECK(axis_ticks(0.0586, 0.1406, 4).size() > 2);
}

TEST_CASE("a chart names its series, marks the best point and escapes", "[line_chart]") {
  LineChart chart{.title = "a < b", .x_label = "epoch", .series = {{"run & co", 1, {{1, 0.5, {}}, {2, 0.75, {}}}, 1}}};
  const std::string html = chart_html(chart);
  CHECK_THAT(html, Catch::Contains("a &lt; b") && Catch::Contains("run &amp; co") &&
                       Catch::Contains("best 0.7500 at 2") && Catch::Contains("class=\"series s1\""));
  CHECK_THAT(html, !Catch::Contains("nan") && !Catch::Contains("inf\""));
}

TEST_CASE("values that are not finite interrupt a line", "[line_chart]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  LineChart chart{
      .title = "loss", .x_label = "epoch", .series = {{"r", 0, {{1, 1, {}}, {2, nan, {}}, {3, 2, {}}}, {}}}};
  std::string html = chart_html(chart);
  CHECK(std::count(html.begin(), html.end(), 'M') == 2);
  CHECK_THAT(html, !Catch::Contains("nan"));
  for (ChartPoint& point : chart.series[0].points) point.y = nan;
  html = chart_html(chart);
  CHECK_THAT(html, Catch::Contains("No finite value"));
}

TEST_CASE("one value has a chart too", "[line_chart]") {
  const LineChart chart{.title = "t", .x_label = "epoch", .series = {{"r", 0, {{1, 0.5, {}}}, {}}}};
  CHECK_THAT(chart_html(chart), Catch::Contains("<circle") && !Catch::Contains("nan"));
}
