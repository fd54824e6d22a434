#include "latentcrs/remote/zero_shot.h"

#include <catch2/catch.hpp>

using namespace latentcrs;

namespace {

using Titles = std::vector<std::string>;

ZeroShotRanks ranks(const std::vector<std::optional<int64_t>>& items, int64_t target) {
  return zero_shot_ranks(items, target, std::vector<int32_t>{1, 2});
}

}  // namespace

TEST_CASE("titles are read out of what models make of a request for JSON", "[zero_shot]") {
  const Titles expected = {"Heat (1995)", "Big"};
  CHECK(parse_titles(R"x(["Heat (1995)", "Big"])x", 5) == expected);
  CHECK(parse_titles("Here you are:\n```json\n[\"Heat (1995)\",\n \"Big\"]\n```", 5) == expected);
  CHECK(parse_titles(R"x({"titles": ["Heat (1995)", "Big", "Heat (1995)"]})x", 5) == expected);
  CHECK(parse_titles(R"x([{"title": "Heat (1995)", "why": "x"}, {"title": "Big"}])x", 5) == expected);
  CHECK(parse_titles("Of course!\n\n1. **Heat (1995)**\n2) \"Big\"\n\nEnjoy!", 5) == expected);
  CHECK(parse_titles("- Heat (1995)\n* *Big*\n", 5) == expected);
  CHECK(parse_titles("Heat (1995)\r\nBig\r\n", 5) == expected);
  CHECK(parse_titles("1984\n12 Monkeys", 5) == Titles{"1984", "12 Monkeys"});
  CHECK(parse_titles(R"x(["a", "b", "c"])x", 2) == Titles{"a", "b"});
  CHECK(parse_titles("", 5).empty());
  CHECK(parse_titles("```\n```", 5).empty());
}

TEST_CASE("the target's rank among named, catalogued and unseen titles", "[zero_shot]") {
  // Named: one unknown, a seen item, an unknown, another, the target.
  const auto found = ranks({std::nullopt, 1, std::nullopt, 9, 5}, 5);
  CHECK(found.named == 5);
  CHECK(found.catalogued == 3);
  CHECK(found.unseen == 2);
  CHECK(ranks({9, 8}, 5).named == 0);
  CHECK(ranks({}, 5).catalogued == 0);
  CHECK(ranks({9, 9, 5}, 5).named == 2);   // an item named twice takes one place
  CHECK(ranks({9, 1, 2}, 2).unseen == 2);  // a target that was seen before still counts
}
