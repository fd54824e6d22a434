#include "latentcrs/pipeline/intent_page.h"

#include <catch2/catch.hpp>

#include "latentcrs/pipeline/svg.h"

using namespace latentcrs;
using Catch::Contains;

namespace {

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

IntentsReport small_report() {
  IntentsReport report{.users = 4, .empty = 1, .effective = 1.75, .objective = 12.5, .explained = 0.6};
  report.axes = {0.5, 0.25};
  report.intents = {{2, 3, 0.75, -1, 0, {{7, "Tom & <Jerry>", 0.9}, {8, "Say \"Hi\"", 0.8}}},
                    {0, 1, 0.25, 2, 1, {{9, "Solo", 0.7}}},
                    {1, 0, 0.0, 2, 1, {{9, "Solo", 0.7}}}};
  return report;
}

const std::vector<DrawnUser> kUsers = {{-1, 0.5, 2}, {-1.5, 0, 2}, {2, 1, 0}};

}  // namespace

TEST_CASE("a scatter puts points in their places on one scale", "[svg]") {
  // The far corners are as far apart in x as in y, so the shorter side, y, sets the scale.
  const std::string svg = svg_scatter(
      {.title = "T", .x_caption = "first", .y_caption = "<second>", .dots = {{0, 0, 0}, {4, 4, -1}, {2, 2, 0}}});
  const auto place = [&svg](const char* series) {
    const size_t at = svg.find(std::string("class=\"dots ") + series);
    return svg.substr(at, svg.find("/>", at) - at);
  };
  // In the plot, 814 wide and 0.8 times as high, two dots of series 0: lower left, and the middle.
  double x0 = 0, y0 = 0, x2 = 0, y2 = 0, x4 = 0, y4 = 0;
  REQUIRE(std::sscanf(place("series0").c_str(), "class=\"dots series0\" d=\"M%lf %lfh0M%lf %lfh0", &x0, &y0, &x2,
                      &y2) == 4);
  REQUIRE(std::sscanf(place("rest").c_str(), "class=\"dots rest\" d=\"M%lf %lfh0", &x4, &y4) == 2);
  CHECK(x4 - x2 == Approx(x2 - x0).margin(0.11));
  CHECK(y0 - y2 == Approx(y2 - y4).margin(0.11));
  CHECK(x4 - x0 == Approx(y0 - y4).margin(0.11));
  CHECK(x4 > x0);
  CHECK(y4 < y0);
  CHECK_THAT(svg, Contains("&lt;second&gt;") && !Contains("<second>"));
  CHECK_THAT(svg_scatter({.title = "empty", .x_caption = "", .y_caption = ""}), Contains("</svg>") && !Contains("nan"));
}

TEST_CASE("areas of circles follow their weights, and labels do not cover each other", "[svg]") {
  Scatter scatter{.title = "T", .x_caption = "x", .y_caption = "y"};
  scatter.circles = {{4.5, 4.5, 400, 0, "the large one", "a", "h"},
                     {4.9, 4.5, 100, 1, "the small one", "b", "h"},
                     {9, 9, 0, -1, "", "", "none"},
                     {0, 0, 0, -1, "", "", "none"}};
  const std::string svg = svg_scatter(scatter);
  const auto radius = [&svg](const char* series) {
    return std::stod(svg.substr(svg.find(" r=\"", svg.find(series)) + 4));
  };
  CHECK(radius("circle series0") == Approx(2 * radius("circle series1")).epsilon(0.02));
  CHECK_THAT(svg, Contains("class=\"hollow rest\""));
  // The small one lies where the large one's label would go first: it goes to the other side.
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  const char* format = "class=\"label\" x=\"%lf\" y=\"%lf\"";
  const size_t first = svg.find("class=\"label\""), second = svg.find("class=\"label\"", first + 1);
  REQUIRE(second != std::string::npos);
  REQUIRE(std::sscanf(svg.c_str() + first, format, &x1, &y1) == 2);
  REQUIRE(std::sscanf(svg.c_str() + second, format, &x2, &y2) == 2);
  const double middle = std::stod(svg.substr(svg.find("cx=\"", svg.find("circle series0")) + 4));
  CHECK(x1 < middle - 7 * 6);
  CHECK(x2 > middle + 7 * 6);
  CHECK(y1 == y2);
}

TEST_CASE("the page of intents escapes titles and needs nothing from outside", "[intents]") {
  const std::string page = intent_page("a<b", small_report(), kUsers);
  CHECK_THAT(page, Contains("Tom &amp; &lt;Jerry&gt;") && Contains("Say &quot;Hi&quot;") && Contains("a&lt;b"));
  CHECK_THAT(page, !Contains("<Jerry>") && !Contains("<script") && !Contains("src=") && !Contains("url("));
  CHECK(count(page, "http") == 1);  // the name of SVG's namespace
  CHECK(count(page, "<tr>") == 4);
  CHECK_THAT(page, Contains("first principal axis, 50.0 %") && Contains("Of 4 users 3 are drawn"));
  CHECK_THAT(page, Contains("prefers-color-scheme:dark"));
}

TEST_CASE("the table of intents and its summary", "[intents]") {
  const IntentsReport report = small_report();
  const Table table = report.table(2);
  REQUIRE(table.rows.size() == 3);
  CHECK(table.rows[1] == std::vector<std::string>{"2", "3", "75.0 %", "Tom & <Jerry> · Say \"Hi\""});
  CHECK(report.table(99).rows.size() == 4);
  REQUIRE(report.summary().size() == 3);
  CHECK(report.summary()[0] == "4 users in 3 intents, 1 of them empty; the largest has 75.0 % of the users");
  CHECK_THAT(report.summary()[2], Contains("12.5") && Contains("60.0 %"));
}
