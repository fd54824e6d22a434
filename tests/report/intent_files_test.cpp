#include "experiment/report/intent_files.h"

#include <catch2/catch.hpp>

#include "support/temp_dir.h"

using namespace latentcrs;
using test::TempDir;

namespace {

IntentMap small_map() {
  IntentMap map;
  map.report.intents = {{2, 3, 0.75, -1, 0.5, {{7, "Tom & Jerry", 0.9}}}, {0, 1, 0.25, 2, 1, {}}, {1, 0, 0, 0, 0, {}}};
  map.report.users = 4;
  map.report.empty = 1;
  map.report.effective = 1.75;
  map.report.explained = 0.625;
  map.report.axes = {0.5, 0.25};
  map.drawn = {{-1, 0.5, 2}, {2, 1, 0}};
  return map;
}

}  // namespace

TEST_CASE("the files of intents give back what was written", "[intents]") {
  const TempDir dir;
  write_intent_files(small_map(), "lift", dir.path());
  const auto read = read_intent_files(dir.path());
  REQUIRE(read);
  const IntentsReport& report = read->report;
  REQUIRE(report.intents.size() == 3);
  CHECK(report.intents[0].intent == 2);
  CHECK(report.intents[0].x == -1);
  CHECK(report.intents[0].items.at(0).title == "Tom & Jerry");
  CHECK(report.intents[0].items.at(0).score == 0.9);
  CHECK(report.users == 4);
  CHECK(report.empty == 1);
  CHECK(report.effective == 1.75);
  CHECK(report.explained == 0.625);
  CHECK_FALSE(report.objective);
  CHECK(report.axes[1] == 0.25);
  REQUIRE(read->drawn.size() == 2);
  CHECK(read->drawn[0].y == 0.5);
  CHECK(read->drawn[1].intent == 0);
}

TEST_CASE("intents are read without a picture, and damage is named", "[intents]") {
  const TempDir dir;
  CHECK_FALSE(read_intent_files(dir.path()));
  write_intent_files(small_map(), "score", dir.path());
  std::filesystem::remove(dir / "picture.json");
  const auto read = read_intent_files(dir.path());
  REQUIRE(read);
  CHECK(read->drawn.empty());
  CHECK(read->report.users == 4);
  test::write_text(dir / "picture.json", "{\"users\": 4}");
  CHECK_THROWS_WITH(read_intent_files(dir.path()), Catch::Contains("picture.json: not a picture"));
  test::write_text(dir / "intents.jsonl", "{\"intent\": 1}\n");
  CHECK_THROWS_WITH(read_intent_files(dir.path()), Catch::Contains("intents.jsonl:1"));
  test::write_text(dir / "intents.jsonl", "");
  CHECK_THROWS_WITH(read_intent_files(dir.path()), Catch::Contains("holds no intent"));
}
