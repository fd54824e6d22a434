#include "datasets/data/popularity.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace latentcrs;
using Items = std::vector<int32_t>;

TEST_CASE("log popularity counts the training part and adds one", "[popularity]") {
  Interactions interactions;
  interactions.add_user(1, Items{5, 2, 5, 7});  // 5 and 2 are trained on
  interactions.add_user(2, Items{2, 5, 2});     // 2 is
  // Counts plus one: item 2 has 3, item 5 has 2, item 7 has 1.
  const std::vector<float> logs = log_popularity(interactions, {0, 2, 5, 7}, 0.5);
  REQUIRE(logs.size() == 4);
  CHECK(logs[0] == 0);
  CHECK(logs[1] == Approx(0.5 * std::log(3.0 / 6)));
  CHECK(logs[2] == Approx(0.5 * std::log(2.0 / 6)));
  CHECK(logs[3] == Approx(0.5 * std::log(1.0 / 6)));
}
