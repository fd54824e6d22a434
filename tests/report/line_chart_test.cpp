#include "report/line_chart.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>

using namespace latentcrs;

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
