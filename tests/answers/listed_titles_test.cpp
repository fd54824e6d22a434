#include "language/answers/listed_titles.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "language/answers/entity_labels.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Titles = std::vector<std::string>;

TEST_CASE("titles are the lines after the first 1.", "[listed_titles]") {
  CHECK(listed_titles("Sure!\n1. Heat (1995)\n2) The  Thing \n3\u3001 - Up\n- Babe\n10.12 Monkeys") ==
        Titles{"Heat", "The Thing", "Up", "- Babe", "12 Monkeys"});
  CHECK(listed_titles("11. Heat\n\n2. Up\n2. Up") == Titles{"Heat", "", "Up", "Up"});
}

TEST_CASE("the first title loses digits of its own, others with a number do not", "[listed_titles]") {
  CHECK(listed_titles("1. 10 Things I Hate\n2. 12 Monkeys\n300") == Titles{"Things I Hate", "12 Monkeys", ""});
}

TEST_CASE("without a 1. all lines are titles, and commas end lines too", "[listed_titles]") {
  CHECK_FALSE(has_numbered_list("Heat, Up"));
  CHECK(listed_titles("Try Heat, Up\nor Babe.") == Titles{"Try Heat", "Up", "or Babe."});
  CHECK(listed_titles("") == Titles{""});
}

TEST_CASE("the label of an entity is the end of its resource without brackets", "[listed_titles]") {
  CHECK(entity_label("<http://dbpedia.org/resource/Heat_(1995_film)>") == "Heat");
  CHECK(entity_label("<http://dbpedia.org/resource/Spider-Man:_Far_From_Home>") == "Spider Man: Far From Home");
  CHECK(entity_label("<http://dbpedia.org/resource/What%3F_(film)__Part_2>") == "What%3F Part 2");
}

TEST_CASE("labels are linked to the smallest entity id among the nearest", "[listed_titles]") {
  const test::TempDir folder;
  test::write_text(folder / "entity2id.json", R"({"<r/Cat>": 9, "<r/Bat>": 4, "<r/Heat_(film)>": 7, "<r/Heat>": 2})");
  EntityLabels labels(folder / "entity2id.json");
  CHECK(labels.nearest("RAT").label == *labels.of_entity(4));  // 1 from Bat and from Cat
  CHECK(labels.nearest("RAT").distance == 1);
  CHECK(labels.of_entity(7) == labels.of_entity(2));
  CHECK(labels.first_entity(*labels.find("Heat")) == 2);
  CHECK_FALSE(labels.find("Rat"));
  CHECK_FALSE(labels.of_entity(5));
  CHECK(labels.first_entity(labels.label("Rat")) == -1);
}

TEST_CASE("entities that are no object of ids are refused", "[listed_titles]") {
  const test::TempDir folder;
  for (const char* text : {"", "[]", "{}", R"({"<r/Heat>": "2"})", "{"}) {
    test::write_text(folder / "entity2id.json", text);
    CHECK_THROWS_AS(EntityLabels(folder / "entity2id.json"), Error);
  }
}
