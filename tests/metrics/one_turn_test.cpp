#include "base/metrics/one_turn.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "support/temp_dir.h"

using namespace latentcrs;

namespace {

// Ranks 1, 3, 12 and a miss: HIT@5 = 2/4; NDCG@5 = (1/log2(2) + 1/log2(4)) / 4 = 1.5 / 4; HIT@15 = 3/4; MRR = (1 + 1/3
// + 1/12) / 4.
const std::vector<Rank> kRanks = {1, 3, 12, 0};

}  // namespace

TEST_CASE("metrics of hand-worked ranks", "[metrics]") {
  CHECK(hit_at(kRanks, 5) == Approx(0.5));
  CHECK(hit_at(kRanks, 15) == Approx(0.75));
  CHECK(ndcg_at(kRanks, 5) == Approx(0.375));
  CHECK(ndcg_at(kRanks, 15) == Approx((1.5 + 1.0 / std::log2(13.0)) / 4));
  CHECK(mrr(kRanks) == Approx((1 + 1.0 / 3 + 1.0 / 12) / 4));
  CHECK(metric(kRanks, "HIT@5") == hit_at(kRanks, 5));
  CHECK(metric(kRanks, "NDCG@15") == ndcg_at(kRanks, 15));
  // Hits 1, 1, 0, 0: sample variance 1/3, so 1.96 * sqrt(1/3 / 4).
  CHECK(confidence_95(kRanks, "HIT@5") == Approx(1.96 * std::sqrt(1.0 / 12)));
  CHECK(hit_at({}, 5) == 0.0);
}

TEST_CASE("intervals of shares and means by hand", "[metrics]") {
  // Wilson's interval of 8 out of 10: centre (0.8 + 3.8416/20) / 1.38416, half-width 1.96 sqrt(0.016 + 3.8416/400)
  // / 1.38416.
  const Interval share = wilson_95(8, 10);
  CHECK(share.low == Approx(0.4902).margin(1e-4));
  CHECK(share.high == Approx(0.9433).margin(1e-4));
  CHECK(wilson_95(0, 20).low == 0.0);
  CHECK(wilson_95(0, 20).high == Approx(0.1611).margin(1e-4));
  CHECK(wilson_95(20, 20).high == 1.0);
  CHECK((wilson_95(0, 0).low == 0.0 && wilson_95(0, 0).high == 1.0));
  CHECK(half_width_95(std::vector<double>{1, 2, 3}) == Approx(1.96 / std::sqrt(3.0)));
  CHECK(half_width_95(std::vector<double>{1}) == 0.0);
}

TEST_CASE("a metric that does not exist is named", "[metrics]") {
  for (const char* name : {"HR@10", "NDCG", "NDCG@", "NDCG@0", "HIT@5x"})
    CHECK_THROWS_WITH(metric(kRanks, name), Catch::StartsWith(name));
}

TEST_CASE("one-turn results as table, JSON and ranks file", "[one_turn]") {
  const std::vector<RankedRow> rows = {{"with text", kRanks}, {"popularity", {0, 0, 0, 2}}};
  const int cutoffs[] = {5, 10};
  const Table table = one_turn_table("test", rows, cutoffs);
  CHECK(table.rows[0] == std::vector<std::string>{"score", "HIT@5", "NDCG@5", "HIT@10", "NDCG@10"});
  CHECK(table.rows[1][1] == "0.5000");
  CHECK(table.rows[2] == std::vector<std::string>{"  ± 95%", "0.5658", "0.4691", "0.5658", "0.4691"});
  CHECK(table.rows[3][4] == "0.1577");  // 1/log2(3) / 4

  const nlohmann::json json = to_json(rows);
  CHECK(json["with text"]["misses"] == 1);
  CHECK(json["popularity"]["HIT@20"] == 0.25);
  CHECK(json["popularity"]["MRR_ci95"].get<double>() == Approx(1.96 * 0.125));  // 0, 0, 0, 1/2: sample variance 1/16

  const test::TempDir dir;
  write_ranks_tsv(rows, {{"a", "b", "c", "d"}, {7, 8, 9, 7}, {0, 1, 0, 0}}, dir / "ranks.tsv");
  CHECK(test::read_text(dir / "ranks.tsv") ==
        "customer_id\ttarget\tleaked\twith text\tpopularity\n"
        "a\t7\t0\t1\t0\nb\t8\t1\t3\t0\nc\t9\t0\t12\t0\nd\t7\t0\t0\t2\n");
  CHECK_THROWS_AS(write_ranks_tsv(rows, {{"a"}, {7}, {0}}, dir / "ranks.tsv"), Error);
}

TEST_CASE("rows without some of the users", "[one_turn]") {
  const std::vector<uint8_t> leaks = {0, 1, 0, 1};
  const auto rows = rows_without(leaks, {{"with text", {1, 2, 3, 4}}, {"popularity", {5, 6, 7, 8}}});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].ranks == std::vector<Rank>{1, 3});
  CHECK(rows[1].name == "popularity");
  CHECK(rows[1].ranks == std::vector<Rank>{5, 7});
  CHECK_THROWS_AS(rows_without(leaks, {{"with text", {1}}}), Error);
}

TEST_CASE("another speaker is one who spoke, and each is somebody's once", "[one-turn]") {
  const std::vector<uint8_t> spoke = {1, 0, 1, 1, 0, 1, 1};
  const std::vector<int64_t> others = somebody_else(spoke, 7);
  REQUIRE(others.size() == spoke.size());
  std::vector<int> taken(spoke.size(), 0);
  for (size_t i = 0; i < spoke.size(); ++i) {
    const auto other = static_cast<size_t>(others[i]);
    ++taken[other];
    CHECK(spoke[other] == spoke[i]);
    CHECK((other != i) == (spoke[i] == 1));
  }
  CHECK(taken == std::vector<int>(spoke.size(), 1));
  CHECK(somebody_else(std::vector<uint8_t>{0, 1}, 7) == std::vector<int64_t>{0, 1});
}
