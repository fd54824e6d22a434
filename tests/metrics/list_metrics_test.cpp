#include "base/metrics/list_metrics.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/temp_dir.h"

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

TEST_CASE("lists are written with the ids of the dataset, a line for each place", "[list_metrics]") {
  const test::TempDir dir;
  const std::vector<RecommendedLists> rows = {{"with text", {{2, 1}, {}}, {{0.5F, 0.25F}, {}}},
                                              {"popularity", {{1}, {3}}, {{8}, {1e-7F}}}};
  write_lists_tsv(rows, {"7_raw_test", "8_raw_test"}, {0, 11, 22, 33}, dir / "lists.tsv");
  CHECK(test::read_text(dir / "lists.tsv") ==
        "customer_id\trow\tplace\titem\tscore\n7_raw_test\twith text\t1\t22\t0.5\n"
        "7_raw_test\twith text\t2\t11\t0.25\n7_raw_test\tpopularity\t1\t11\t8\n"
        "8_raw_test\tpopularity\t1\t33\t1e-07\n");
}
