#include "language/text/near_title.h"

#include <catch2/catch.hpp>

using namespace latentcrs;

TEST_CASE("as many edits are allowed as leave the similarity at the ratio", "[near_title]") {
  CHECK(allowed_edits(10, 0.9) == 1);
  CHECK(allowed_edits(9, 0.9) == 0);
  CHECK(allowed_edits(19, 0.9) == 1);
  CHECK(allowed_edits(20, 0.85) == 3);
  CHECK(allowed_edits(20, 1) == 0);
  CHECK(allowed_edits(0, 0.5) == 0);
}

TEST_CASE("the numbers of a title, in digits or Roman", "[near_title]") {
  CHECK(numbers_of("apollo 13") == "13 ");
  CHECK(numbers_of("part ii of 3") == "ii 3 ");
  CHECK(numbers_of("heat").empty());
  CHECK(numbers_of("").empty());
}

TEST_CASE("titles are nearly the same with few edits and the same numbers", "[near_title]") {
  CHECK(near_title_distance("casablanca", "casablanca", 0.9) == 0u);
  CHECK(near_title_distance("casablanca", "cassablanca", 0.9) == 1u);  // 1 of 11
  CHECK_FALSE(near_title_distance("casablanca", "cassablnca", 0.9));   // 2 of 10
  CHECK(near_title_distance("casablanca", "cassablnca", 0.8) == 2u);
  CHECK_FALSE(near_title_distance("star trek 2", "star trek 3", 0.9));
  CHECK_FALSE(near_title_distance("casablanca", "casablanca story", 0.9));
  CHECK_FALSE(near_title_distance("casablanca", "casablanka", 1));
}
