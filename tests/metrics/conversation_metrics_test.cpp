#include "base/metrics/conversation_metrics.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "base/metrics/paired_comparison.h"
#include "base/metrics/rank_file.h"
#include "base/util/files.h"
#include "support/temp_dir.h"

using namespace latentcrs;

TEST_CASE("an interval by dialogue adds up the residuals of each dialogue", "[conversation_metrics]") {
  const std::vector<double> values = {1, 0, 1, 0, 1};
  // Mean .6. Residuals by dialogue: .4 - .6 = -.2 and .4 - .6 + .4 = .2. √(2/1 · (.04 + .04)) / 5 = .08.
  const ClusteredMean two = clustered_mean(values, std::vector<int64_t>{7, 7, 3, 3, 3});
  CHECK(two.mean == Approx(0.6));
  CHECK(two.half_width == Approx(1.96 * 0.08));
  // Dialogues of one value each: the deviation with n - 1 over √n, √(1.2 / 4 / 5).
  const ClusteredMean alone = clustered_mean(values, std::vector<int64_t>{0, 1, 2, 3, 4});
  CHECK(alone.half_width == Approx(1.96 * std::sqrt(0.06)));
  CHECK(alone.half_width == Approx(half_width_95(values)));
  CHECK(clustered_mean(values, std::vector<int64_t>(5, 0)).half_width == 0);
}

TEST_CASE("the published interval of GPT-4 becomes the one by dialogue", "[conversation_metrics]") {
  const auto folder = test::real_data_dir() / "crs-zeroshot/inspired";
  if (!std::filesystem::exists(folder)) return;
  std::vector<std::string> dialogues;
  LineReader turns(folder / "test.jsonl.gz");
  for (std::string_view line; turns.next(line);) dialogues.push_back(nlohmann::json::parse(line).at("dialog_id"));
  std::vector<double> hits;
  std::vector<int64_t> clusters;
  std::map<std::string, int64_t> numbers;
  LineReader ranks(folder / "expected_ranks.tsv");
  for (std::string_view line; ranks.next(line);) {
    const auto cells = split_cells(line);  // model, input, turn, target, condition, r1
    if (cells[0] != "gpt-4" || cells[1] != "general" || cells[4] != "rec") continue;
    const int rank = std::stoi(std::string(cells[5]));
    hits.push_back(rank >= 1 && rank <= 20 ? 1 : 0);
    const std::string& dialogue = dialogues.at(std::stoul(std::string(cells[2])));
    clusters.push_back(numbers.try_emplace(dialogue, static_cast<int64_t>(numbers.size())).first->second);
  }
  REQUIRE(hits.size() == 211);
  const ClusteredMean recall = clustered_mean(hits, clusters);
  CHECK(recall.mean == Approx(0.2370).margin(5e-5));
  CHECK(half_width_95(hits) / 1.96 == Approx(0.0293).margin(5e-5));
  CHECK(recall.half_width / 1.96 == Approx(0.0338).margin(1.5e-4));
}

TEST_CASE("figures of conversations are recall, NDCG and MRR with their rows and dialogues", "[conversation_metrics]") {
  const RankedUsers users{.customer_ids = {"a/1", "a/2", "b/1"},
                          .targets = {1, 2, 1},
                          .leaks_title = {0, 0, 0},
                          .dialogues = {"a", "a", "b"}};
  const std::vector<RankedRow> rows = {{"with text", {1, 3, 0}}};
  const nlohmann::json figures = conversation_figures(rows, users);
  CHECK(figures.at("rows") == 3);
  CHECK(figures.at("dialogues") == 2);
  const nlohmann::json& scores = figures.at("scores").at("with text");
  CHECK(scores.at("recall@1").get<double>() == Approx(1.0 / 3));
  CHECK(scores.at("recall@5").get<double>() == Approx(2.0 / 3));
  CHECK(scores.at("NDCG@5").get<double>() == Approx((1 + 0.5) / 3));  // 1/log2(2) and 1/log2(4)
  CHECK(scores.at("MRR").get<double>() == Approx((1 + 1.0 / 3) / 3));
  // recall@1: residuals 2/3 - 1/3 and -1/3: √(2 · 2/9) / 3.
  CHECK(scores.at("recall@1_ci95").get<double>() == Approx(1.96 * std::sqrt(4.0 / 9) / 3));

  const RowGroup group{"b", {0, 0, 1}};
  CHECK(rows_of(group, rows)[0].ranks == std::vector<Rank>{0});
  CHECK(users_of(group, users).dialogues == std::vector<std::string>{"b"});
}

TEST_CASE("a file of ranks keeps the dialogues", "[conversation_metrics]") {
  const test::TempDir dir;
  const RankedUsers users{
      .customer_ids = {"a/1", "a/2"}, .targets = {1, 2}, .leaks_title = {0, 1}, .dialogues = {"a", "a"}};
  write_ranks_tsv({{"with text", {1, 3}}}, users, dir / "ranks.tsv");
  CHECK(test::read_text(dir / "ranks.tsv") ==
        "customer_id\ttarget\tleaked\tdialogue\twith text\na/1\t1\t0\ta\t1\na/2\t2\t1\ta\t3\n");
  const RankFile file = read_ranks_tsv(dir / "ranks.tsv");
  CHECK(file.users.dialogues == users.dialogues);
  REQUIRE(file.rows.size() == 1);
  CHECK(file.rows[0].ranks == std::vector<Rank>{1, 3});
}

TEST_CASE("tests by dialogue draw and turn round whole dialogues", "[conversation_metrics]") {
  // Differences 1, 1 in one dialogue and -1 in another; sums 2 and -1. Of the 4 patterns of signs (±2 ±1) all have
  // |sum| >= 1: p = 1. By row, 3 differences of ±1: |sum| >= 1 in all 8 as well.
  const std::vector<PairedMetric> metrics = {{"recall@1", {1, 1, 0}, {0, 0, 1}}};
  const std::vector<int64_t> clusters = {0, 0, 1};
  const auto results = compare_paired(metrics, {.resamples = 4000, .seed = 1}, clusters);
  REQUIRE(results.size() == 1);
  CHECK(results[0].difference == Approx(1.0 / 3));
  CHECK(results[0].p == 1.0);
  CHECK(results[0].users == 3);
  // Draws of two dialogues: (2+2)/4 = 1, (2-1)/3, (-1-1)/2 = -1, with shares 1/4, 1/2, 1/4.
  CHECK(results[0].low == -1.0);
  CHECK(results[0].high == 1.0);

  // Four dialogues with two equal gains each: 2 of 16 patterns reach the sum 8.
  const std::vector<PairedMetric> gains = {{"recall@1", std::vector<double>(8, 1), std::vector<double>(8, 0)}};
  const std::vector<int64_t> pairs = {0, 0, 1, 1, 2, 2, 3, 3};
  CHECK(compare_paired(gains, {.resamples = 1000}, pairs)[0].p == Approx(2.0 / 16));
  CHECK(compare_paired(gains, {.resamples = 1000})[0].p == Approx(2.0 / 256));
}
