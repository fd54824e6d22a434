#include "experiment/run/raw_ids.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "support/temp_dir.h"

using namespace latentcrs;

TEST_CASE("raw ids are those of the map, and the ids themselves without one", "[raw_ids]") {
  const test::TempDir dir;
  const RawIds equal(dir / "none.json");
  CHECK(equal.are_equal());
  CHECK(equal.raw(7) == "7");
  CHECK(equal.id("7") == 7);
  CHECK_FALSE(equal.id("007x"));

  test::write_text(dir / "map.json", R"({"007": 1, "NA": 2})");
  const RawIds ids(dir / "map.json");
  CHECK_FALSE(ids.are_equal());
  CHECK(ids.raw(1) == "007");
  CHECK(ids.id("NA") == 2);
  CHECK_FALSE(ids.id("7"));
  CHECK_FALSE(ids.id("1"));
  CHECK(ids.shown("1_raw_test") == "007_raw_test");
  CHECK(ids.shown("3_raw") == "3_raw");
  CHECK(equal.shown("12_raw_2_test") == "12_raw_2_test");
  test::write_text(dir / "map.json", "[1, 2");
  CHECK_THROWS_AS(RawIds(dir / "map.json"), Error);
}
