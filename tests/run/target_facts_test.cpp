#include "experiment/run/target_facts.h"

#include <catch2/catch.hpp>

#include "support/temp_dir.h"

using namespace latentcrs;
using test::TempDir;

TEST_CASE("a target has the items before it, and an item its training interactions", "[target_facts]") {
  const TempDir dir;
  CHECK_FALSE(TargetFacts::read(dir.path(), "x"));
  test::write_text(dir / "x.csv", "7\t1 2 3 4\n9\t1 5 6\n");
  const auto facts = TargetFacts::read(dir.path(), "x");
  REQUIRE(facts);
  CHECK(facts->items_before("7_raw_test") == 3);
  CHECK(facts->items_before("7_raw_valid") == 2);
  CHECK(facts->items_before("9_raw_test") == 2);
  CHECK(facts->training_interactions(1) == 2);
  CHECK(facts->training_interactions(2) == 1);
  CHECK(facts->training_interactions(3) == 0);  // a target of validation
  CHECK(facts->training_interactions(77) == 0);
  CHECK_THROWS_WITH(facts->items_before("8_raw_test"), Catch::Contains("no such user"));
  CHECK_THROWS_WITH(facts->items_before("x_raw_test"), Catch::Contains("no such user"));
}

TEST_CASE("each of several targets has its own history", "[target_facts]") {
  const TempDir dir;
  test::write_text(dir / "x.csv", "7\t1 2 3 4 5\n");
  test::write_text(dir / "x_parts.tsv", "user\ttrain\tvalid\ttest\n7\t2\t1\t2\n");
  const auto facts = TargetFacts::read(dir.path(), "x");
  CHECK(facts->items_before("7_raw_test") == 3);
  CHECK(facts->items_before("7_raw_2_test") == 4);
  CHECK(facts->training_interactions(2) == 1);
  CHECK(facts->training_interactions(3) == 0);
}
