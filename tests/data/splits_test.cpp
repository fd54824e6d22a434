#include "datasets/data/splits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/util/error.h"
#include "base/util/files.h"
#include "datasets/data/preprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs;

namespace {

using Items = std::vector<int32_t>;

/// User 7 liked 1..n.
Interactions one_user(int32_t n) {
  Items items(n);
  std::iota(items.begin(), items.end(), 1);
  Interactions interactions;
  interactions.add_user(7, items);
  return interactions;
}

std::string line_of(const SplitRecord& record) {
  return fmt::format("{}\t{}\t{}", record.customer_id, fmt::join(record.history, " "), record.target);
}

}  // namespace

TEST_CASE("raw, valid and test hold out two, one and no items", "[splits]") {
  const Interactions interactions = one_user(6);
  const auto raw = make_split(interactions, "raw", 25);
  REQUIRE(raw.size() == 1);
  CHECK(raw[0].customer_id == "7_raw_raw");
  CHECK(raw[0].user == 7);
  CHECK(raw[0].history == Items{1, 2, 3});
  CHECK(raw[0].target == 4);
  const auto valid = make_split(interactions, "valid", 25);
  CHECK(valid[0].customer_id == "7_raw_valid");
  CHECK(valid[0].history == Items{1, 2, 3, 4});
  CHECK(valid[0].target == 5);
  CHECK(make_split(interactions, "test", 25)[0].target == 6);
  CHECK(make_split(one_user(3), "raw", 25)[0].history.empty());
}

TEST_CASE("A record keeps the last max_history items, the target included", "[splits]") {
  const auto records = make_split(one_user(10), "test", 4);
  CHECK(records[0].history == Items{7, 8, 9});
  CHECK(records[0].target == 10);
}

TEST_CASE("A selection ends at CPython's draw and skips short users", "[splits]") {
  // max_history 12: at least 4 items, an end in [2, length - 2]. random.seed(5); randint(2, 8), randint(2, 2),
  // randint(2, 18) give 6, 2 and 13 for the users with 10, 4 and 20 items; the one with 3 draws nothing.
  Interactions interactions;
  for (int32_t n : {10, 3, 4, 20}) {
    const Interactions one = one_user(n);
    interactions.add_user(n, one.sequence(0));
  }
  const auto records = make_split(interactions, "5", 12);
  REQUIRE(records.size() == 3);
  CHECK(line_of(records[0]) == "10_selection_5\t1 2 3 4 5\t6");
  CHECK(line_of(records[1]) == "4_selection_5\t1\t2");
  CHECK(line_of(records[2]) == "20_selection_5\t2 3 4 5 6 7 8 9 10 11 12\t13");
}

TEST_CASE("A selection has a target and never sees the last two items, however short the histories", "[splits]") {
  Interactions interactions;
  for (int32_t n = 3; n < 30; ++n) {
    const Interactions one = one_user(n);
    interactions.add_user(n, one.sequence(0));
  }
  for (int max_history : {3, 5, 6, 11, 12, 25})
    for (int seed = 0; seed < 30; ++seed)
      for (const SplitRecord& record : make_split(interactions, std::to_string(seed), max_history)) {
        CHECK(record.target >= 1);
        CHECK(record.target <= record.user - 2);  // users are named by their number of items, items by their place
        CHECK(record.history.size() < static_cast<size_t>(max_history));
      }
}

TEST_CASE("What a user had before a target is all of it, however little of it a record keeps", "[splits]") {
  const Interactions interactions = one_user(40);
  for (const auto& [key, target] : {std::pair<std::string, int32_t>{"raw", 38}, {"valid", 39}, {"test", 40}}) {
    const SplitRecord record = make_split(interactions, key, 25).front();
    REQUIRE(record.target == target);
    CHECK(record.history.size() == 24);
    const auto before = items_before_target(interactions, 0, record);
    CHECK(before.size() == static_cast<size_t>(target) - 1);
    CHECK(before.front() == 1);
    CHECK(before.back() == target - 1);
  }
  CHECK_THROWS_WITH(items_before_target(interactions, 0, make_split(interactions, "1755", 25).front()),
                    Catch::Contains("selection 1755"));
}

TEST_CASE("A split key that means nothing is an error", "[splits]") {
  for (const char* key : {"", "train", "12x", "-3", " 1", "18446744073709551616"})
    CHECK_THROWS_WITH(make_split(one_user(5), key, 25), Catch::Contains("split key '" + std::string(key) + "'"));
}

TEST_CASE("Split names and the processed order", "[splits]") {
  CHECK(split_stem("ml-1m", "valid") == "ml-1m_raw_seedvalid");
  CHECK(split_stem("cds", "1755") == "cds_selection_seed1755");
  const auto record = [](const char* id, int64_t user) { return SplitRecord{id, user, {}, 1}; };
  CHECK(processed_before(record("9_raw_raw", 9), record("10_raw_raw", 10)));
  CHECK(processed_before(record("9_raw_raw", 9), record("1_raw_test", 1)));
  CHECK(processed_before(record("9_raw_valid", 9), record("1_selection_1755", 1)));
  CHECK(processed_before(record("9_selection_1755", 9), record("1_selection_2097", 1)));
  CHECK_FALSE(processed_before(record("3_raw_raw", 3), record("3_raw_raw", 3)));
}

TEST_CASE("The multi-turn sample is CPython's and never larger than the population", "[splits]") {
  CHECK(multi_turn_sample(30, 6, 1024) == std::vector<int64_t>{25, 0, 15, 12, 10, 16});
  CHECK(multi_turn_sample(30, 6, -1024) == multi_turn_sample(30, 6, 1024));
  auto all = multi_turn_sample(4, 500, 1024);
  std::sort(all.begin(), all.end());
  CHECK(all == std::vector<int64_t>{0, 1, 2, 3});
}

TEST_CASE("ML-1M splits equal the published prompt files", "[splits][real-data]") {
  const auto folder = test::real_data_dir() / "ml-1m";
  if (test::real_data_dir().empty() || !std::filesystem::exists(folder)) {
    WARN("real data is absent: published splits not compared");
    return;
  }
  test::TempDir out;
  PreprocessJob job{.dataset = {},
                    .compat = {},
                    .interactions_path = folder / "ratings.dat",
                    .metadata_path = folder / "movies.dat",
                    .output_folder = out.path()};
  job.dataset.dataset_name = "ml-1m";
  job.dataset.features_name = "movie_features.csv";
  preprocess(job);
  const Interactions interactions = read_interactions(out / "ml-1m.csv");

  const auto fixture = nlohmann::json::parse(read_file(test::source_path("tests/parity/simulation_splits.json")));
  REQUIRE(fixture.at("files").size() == 8);
  for (const std::string key : {"raw", "valid", "test", "1755", "2097", "3068", "6868", "7702"}) {
    const auto& expected = fixture.at("files").at(split_stem("ml-1m", key) + ".jsonl");
    const auto records = make_split(interactions, key, 25);
    INFO(key);
    REQUIRE(records.size() == expected.at("records").get<size_t>());
    for (size_t i = 0; i < expected.at("first").size(); ++i) CHECK(line_of(records[i]) == expected.at("first")[i]);
    std::string lines;
    for (const SplitRecord& record : records) lines += line_of(record) + "\n";
    CHECK(sha256(lines) == expected.at("sha256").get<std::string>());
  }
  auto test_records = make_split(interactions, "test", 25);
  std::sort(test_records.begin(), test_records.end(), processed_before);
  std::vector<std::string> sampled;
  for (int64_t i : multi_turn_sample(static_cast<int64_t>(test_records.size()), 500, 1024))
    sampled.push_back(test_records[i].customer_id);
  CHECK(sampled == fixture.at("multi_turn_sample").at("customer_ids").get<std::vector<std::string>>());
}

TEST_CASE("The processed order of targets is that of their records, with several targets a user too", "[splits]") {
  Interactions interactions;
  const std::vector<int32_t> items = {5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};
  for (const int64_t user : {30, 4, 200, 1}) {
    interactions.add_user(user, items);
    interactions.parts.push_back({.train = 2, .valid = 3});  // 11 targets of the test, so that 10 sorts before 2
  }
  for (const std::string key : {"raw", "valid", "test", "1755"}) {
    INFO(key);
    const auto targets = split_targets(interactions, key, 25);
    std::vector<SplitRecord> expected = make_split(interactions, key, 25);
    REQUIRE(targets.size() == expected.size());
    std::stable_sort(expected.begin(), expected.end(), processed_before);
    const auto order = processed_order(interactions, key, targets);
    REQUIRE(order.size() == expected.size());
    for (size_t i = 0; i < order.size(); ++i)
      CHECK(make_record(interactions, key, targets[order[i]], 25).customer_id == expected[i].customer_id);
  }
}
