#include "experiment/report/forest_plot.h"

#include <catch2/catch.hpp>

using namespace latentcrs;
using Catch::Contains;

namespace {

/// One score of one run, and one that a second run has too.
ForestPlot small_forest() {
  ForestPlot forest{.title = "T",
                    .description = "D",
                    .runs = {"a"},
                    .panels = {"HIT@10, share"},
                    .columns = {"HIT@10"},
                    .row_name = "score",
                    .counted = "users"};
  forest.groups = {{"", {{"with text", {{Estimate{0.5, Interval{0, 1}}}}, {10}}}}};
  return forest;
}

}  // namespace

TEST_CASE("a forest plot puts estimates and intervals in their places", "[forest_plot]") {
  // Labels end at 98. The panel is 574 wide; its figures "0.500 ± 0.500" take 13 characters of 6.4 pixels and a gap of
  // 10, so that the plot ends at 578.8, which stands for 1.05.
  const std::string svg = forest_picture("f", small_forest()).element();
  CHECK_THAT(svg, Contains("class=\"whisker\" d=\"M98.0 19.5L555.9 19.5"));
  CHECK_THAT(svg, Contains("class=\"mark\" transform=\"translate(327.0 19.5)\""));
  CHECK_THAT(svg, Contains("x=\"672.0\" y=\"23.5\" text-anchor=\"end\">0.500 ± 0.500<"));
  CHECK_THAT(svg, Contains(">with text<") && Contains(">HIT@10, share<"));
}

TEST_CASE("runs stand side by side, and a run without a row leaves its line empty", "[forest_plot]") {
  ForestPlot forest = small_forest();
  forest.runs = {"a", "b"};
  ForestRow& row = forest.groups[0].rows[0];
  row.estimates.push_back({Estimate{0.25, {}}});
  row.counts.emplace_back(10);
  forest.groups[0].rows.push_back({"EASE", {{std::nullopt}, {Estimate{0.75, {}}}}, {std::nullopt, 10}});
  const std::string svg = forest_picture("f", forest).element();
  CHECK_THAT(svg, Contains("<g class=\"s1\"><title>b</title>") && Contains(">0.250<") && Contains(">0.750<"));
  // The legend takes 24 pixels; a run's lines are 19 pixels apart.
  CHECK_THAT(svg, Contains(" 46.0)\"") && Contains(" 65.0)\""));
  const FigureTable table = forest_table(forest, "C");
  CHECK(table.csv() ==
        "score,run,HIT@10,HIT@10 low,HIT@10 high,users\n"
        "with text,a,0.5,0,1,10\nwith text,b,0.25,,,10\nEASE,b,0.75,,,10\n");
}

TEST_CASE("differences have signs and a line at zero", "[forest_plot]") {
  ForestPlot forest = small_forest();
  forest.differences = forest.counts_in_labels = true;
  forest.groups[0].rows[0].estimates[0][0] = Estimate{-0.5, Interval{-1, 0.5}};
  const std::string svg = forest_picture("f", forest).element();
  CHECK_THAT(svg, Contains(">−0.500 [−1.000, +0.500]<") && Contains(">with text (10)<"));
  CHECK_THAT(svg, Contains("class=\"zero\""));
}
