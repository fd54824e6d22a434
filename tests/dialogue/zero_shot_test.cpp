#include "language/dialogue/zero_shot.h"

#include <catch2/catch.hpp>

using namespace latentcrs;

namespace {

ZeroShotRanks ranks(const std::vector<std::optional<int64_t>>& items, int64_t target) {
  return zero_shot_ranks(items, target, std::vector<int32_t>{1, 2});
}

}  // namespace

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

TEST_CASE("parameters made for an utterance get room for a list, and lose their stop marks", "[zero_shot]") {
  CHECK(zero_shot_parameters(R"({"max_tokens":256,"stop":["\n"],"temperature":1})", 20) ==
        R"({"max_tokens":1024,"temperature":1})");
  CHECK(zero_shot_parameters(R"({"maxOutputTokens":4096,"stopSequences":["x"]})", 20) == R"({"maxOutputTokens":4096})");
  CHECK(zero_shot_parameters(R"({"max_completion_tokens":60})", 5) == R"({"max_completion_tokens":304})");
  CHECK(zero_shot_parameters(R"({"temperature":1})", 20) == R"({"temperature":1})");
  CHECK(zero_shot_parameters("no JSON", 20) == "no JSON");
}
