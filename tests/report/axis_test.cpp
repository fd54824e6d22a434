#include "experiment/report/axis.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace latentcrs;

TEST_CASE("ticks are round and inside", "[axis]") {
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

TEST_CASE("the texts of ticks have as many digits as their steps need", "[axis]") {
  CHECK(tick_text(0.5, {0, 0.5, 1}) == "0.5");
  CHECK(tick_text(1, {0, 0.5, 1}) == "1.0");
  CHECK(tick_text(-0.0, {0, 20}) == "0");
  CHECK(tick_text(0.04, {0.03, 0.04}) == "0.04");
  CHECK(tick_text(3, {3}) == "3");
}

TEST_CASE("a range takes finite values only", "[axis]") {
  Range range;
  range.include(std::numeric_limits<double>::quiet_NaN());
  range.include(std::numeric_limits<double>::infinity());
  CHECK(range.empty());
  range.include(2);
  CHECK(range.length() == 0);
  CHECK(range.padded(1).length() > 0);
}
