#include "experiment/report/line_chart.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>

using namespace latentcrs;
using Catch::Contains;

namespace {

std::string svg_of(const LineChart& chart) { return labelled_chart("test", chart, "T", "D").element(); }

}  // namespace

TEST_CASE("a chart names its series, marks the best point and escapes", "[line_chart]") {
  const LineChart chart{
      .title = "a < b", .x_label = "epoch", .series = {{"run & co", 1, {{1, 0.5, {}}, {2, 0.75, {}}}, 1}}};
  const std::string svg = svg_of(chart);
  CHECK_THAT(svg, Contains("a &lt; b") && Contains("run &amp; co") && Contains("class=\"s1\"") &&
                      Contains("best: run &amp; co, epoch 2: 0.7500"));
  CHECK_THAT(svg, !Contains("nan") && !Contains("inf\""));
}

TEST_CASE("points, bands and axes of a chart have their places", "[line_chart]") {
  // The plot is from 46 to 512 in x and from 252 up to 24 in y. With room of a twentieth above, 1.05 is at its top.
  const LineChart chart{.title = "rate",
                        .x_label = "turn",
                        .series = {{"r", 0, {{1, 0, Interval{0, 0.5}}, {2, 1, Interval{0.5, 1}}}, {}}},
                        .from_zero = true,
                        .with_marks = true};
  const std::string svg = svg_of(chart);
  CHECK_THAT(svg, Contains("class=\"curve\" d=\"M46.0 252.0L512.0 34.9\""));
  CHECK_THAT(svg, Contains("class=\"band\" d=\"M46.0 143.4L512.0 34.9L512.0 143.4L46.0 252.0Z\""));
  CHECK_THAT(svg, Contains("class=\"mark\" transform=\"translate(512.0 34.9)\""));
  CHECK_THAT(svg, Contains("class=\"tick\" x=\"46.0\" y=\"267.0\" text-anchor=\"middle\">1<"));
  CHECK_THAT(svg, Contains("class=\"name\" x=\"522.0\" y=\"38.9\""));
  CHECK_THAT(svg, !Contains(">1.5<"));  // there is no turn between two turns
}

TEST_CASE("values that are not finite interrupt a line", "[line_chart]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  LineChart chart{
      .title = "loss", .x_label = "epoch", .series = {{"r", 0, {{1, 1, {}}, {2, nan, {}}, {3, 2, {}}}, {}}}};
  std::string svg = svg_of(chart);
  const std::string curve = svg.substr(svg.find("class=\"curve\""), 60);
  CHECK(std::count(curve.begin(), curve.end(), 'M') == 2);
  CHECK_THAT(svg, !Contains("nan"));
  for (ChartPoint& point : chart.series[0].points) point.y = nan;
  svg = svg_of(chart);
  CHECK_THAT(svg, Contains("No finite value"));
}

TEST_CASE("one value has a chart too", "[line_chart]") {
  const LineChart chart{.title = "t", .x_label = "epoch", .series = {{"r", 0, {{1, 0.5, {}}}, {}}}};
  CHECK_THAT(svg_of(chart), Contains("class=\"mark\"") && !Contains("nan"));
}

TEST_CASE("charts stand three a row, with long titles in lines that end at commas", "[line_chart]") {
  const LineChart chart{
      .title = "posterior, valid, without text, NDCG@10", .x_label = "epoch", .series = {{"r", 0, {{1, 1, {}}}, {}}}};
  const std::string svg = chart_panels("p", {chart, chart, chart, chart}, {"T", "D", {"r"}}).element();
  CHECK_THAT(svg, Contains("width=\"688\" height=\"362\""));
  // A plot is 167 pixels wide, and with the room to its right 175: 27 characters.
  CHECK_THAT(svg, Contains(">posterior, valid,<") && Contains(">without text, NDCG@10<"));
  CHECK_THAT(chart_panels("p", {chart}, {"T", "D", {"r"}}).element(), Contains("width=\"229\" height=\"181\""));
}
