#include "metrics/list_metrics.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace latentcrs;

namespace {

/// Four items: 8, 4, 2 and 0 interactions of 8 users; genres {0,1}, {1}, {2}, none.
const ListItems kItems{
    .counts = {0, 8, 4, 2, 0}, .users = 8, .genres = {{}, {0, 1}, {1}, {2}, {}}, .intents = {0, 5, 5, 6, 6}};

}  // namespace

TEST_CASE("figures of lists are those counted by hand", "[list_metrics]") {
  const ListFigures figures = list_figures({"score", {{1, 2}, {1, 3}, {}}}, kItems);
  CHECK(figures.coverage == Approx(3.0 / 4));
  // Places 0, 1, 1, 2 in ascending order: (-3·0 - 1·1 + 1·1 + 3·2) / (4 · 4).
  CHECK(figures.gini == Approx(6.0 / 16));
  CHECK(figures.popularity.value == Approx((6.0 + 5.0) / 2));
  CHECK(figures.popularity.half_width == Approx(1.96 * 0.5));  // deviation √.5, over √2
  // -log2 of 1, 1/2 and 1/4: means .5 and 1.
  CHECK(figures.novelty.value == Approx(0.75));
  // {0,1} and {1}: 1 - 1/2; {0,1} and {2}: 1.
  CHECK(figures.genre_diversity.value == Approx(0.75));
  CHECK(figures.intent_diversity.value == Approx(0.5));
}

TEST_CASE("lists of one item for all cover little and are unequal; items without genres say nothing",
          "[list_metrics]") {
  const ListFigures figures = list_figures({"score", {{4, 1}, {4, 1}}}, kItems);
  CHECK(figures.coverage == Approx(0.5));
  CHECK(figures.gini == Approx((2 * 1.0 + 2 * 3.0) / (4 * 4)));
  CHECK(figures.novelty.value == Approx(1.5));  // an item without interactions counts as with one: 3 and 0 bits
  CHECK(figures.genre_diversity.value == 0);    // no pair with genres
  const nlohmann::json json = list_json(std::vector<RecommendedLists>{{"score", {{4, 1}, {}}}}, kItems);
  CHECK(json.at("score").at("users") == 1);
  CHECK(list_figures({"none", {}}, kItems).gini == 0);
}
