#include "experiment/report/compare_runs.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using test::TempDir;

namespace {

namespace fs = std::filesystem;

const ResamplingOptions kFew{.resamples = 200};

/// Writes lines of a user and two ranks; every target is item 1, and no title is leaked.
void write_ranks(const fs::path& run, std::string rows, const std::string& name = "test_seen_kept") {
  for (size_t at = rows.find('\t'); at != std::string::npos; at = rows.find('\t', rows.find('\n', at)))
    rows.insert(at, "\t1\t0");
  test::write_text(run / "evaluate" / ("ranks_" + name + ".tsv"),
                   "customer_id\ttarget\tleaked\twith text\tpopularity\n" + rows);
}

/// Writes dialogues of the users x, y, z that end in the given turns (0: failure), of up to `turns` turns.
void write_dialogues(const fs::path& run, std::vector<int> success_turns, int turns) {
  std::string lines;
  const char* users[] = {"x", "y", "z"};
  for (size_t i = 0; i < success_turns.size(); ++i)
    lines +=
        nlohmann::json{{"customer_id", users[i]},
                       {"target", 1},
                       {"success_turn", success_turns[i] == 0 ? nlohmann::json() : nlohmann::json(success_turns[i])},
                       {"missing_reply", false},
                       {"turns", nlohmann::json::array()}}
            .dump() +
        "\n";
  test::write_text(run / "evaluate/transcripts.jsonl", lines);
  test::write_text(
      run / "evaluate/multi_turn.json",
      nlohmann::json{{"all", {{"success_rate", std::vector<double>(static_cast<size_t>(turns), 0.5)}}}}.dump());
}

const PairedResult& result(const Comparison& comparison, const std::string& metric) {
  for (const PairedResult& r : comparison.results)
    if (r.metric == metric) return r;
  throw std::out_of_range(metric);
}

}  // namespace

TEST_CASE("two runs are compared user by user, whatever the order of their lines", "[compare_runs]") {
  const TempDir dir;
  write_ranks(dir / "a", "x\t1\t9\ny\t8\t9\nz\t3\t9\n");
  write_ranks(dir / "b", "z\t6\t9\nx\t1\t9\ny\t7\t9\n");
  const ComparisonReport report = compare_runs(dir / "a", dir / "b", {.resampling = kFew});
  REQUIRE(report.comparisons.size() == 1);
  CHECK(report.family() == 8);
  const PairedResult& hit = result(report.comparisons[0], "HIT@5");
  CHECK(hit.mean_a == Approx(2.0 / 3));
  CHECK(hit.mean_b == Approx(1.0 / 3));
  CHECK((hit.wins == 1 && hit.ties == 2 && hit.losses == 0));
  CHECK(hit.p == 1.0);  // one user differs: ±1
  CHECK_THAT(report.notes.at(0), Catch::Contains("has no dialogues"));
}

TEST_CASE("dialogues are compared over the turns that both runs allowed", "[compare_runs]") {
  const TempDir dir;
  for (const char* run : {"a", "b"}) write_ranks(dir / run, "x\t1\t9\ny\t8\t9\nz\t3\t9\n");
  write_dialogues(dir / "a", {1, 4, 0}, 5);
  write_dialogues(dir / "b", {2, 3, 1}, 3);
  const ComparisonReport report = compare_runs(dir / "a", dir / "b", {.resampling = kFew});
  CHECK(report.family() == 8 + 3 + 2);
  const PairedResult& last = result(report.comparisons[0], "SR@3");
  CHECK(last.mean_a == Approx(1.0 / 3));
  CHECK(last.mean_b == 1.0);
  const PairedResult& turns = result(report.comparisons[0], "AT (failure = 3)");  // 1, 3, 3 and 2, 3, 1
  CHECK(turns.mean_a == Approx(7.0 / 3));
  CHECK(turns.mean_b == 2.0);
  CHECK((turns.wins == 1 && turns.ties == 1 && turns.losses == 1));
  const PairedResult& one_more = result(report.comparisons[0], "AT (failure = 4)");  // 1, 4, 4 and 2, 3, 1
  CHECK(one_more.mean_a == 3.0);
  CHECK((one_more.wins == 1 && one_more.ties == 0 && one_more.losses == 2));
  CHECK_THAT(report.notes.at(0), Catch::Contains("first 3 are compared"));
  CHECK(compare_runs(dir / "a", dir / "b", {.seen_items = "keep", .resampling = kFew}).family() == 13);
}

TEST_CASE("users of two datasets are not taken for the same", "[compare_runs]") {
  const TempDir dir;
  write_ranks(dir / "a", "x\t1\t9\ny\t8\t9\nz\t3\t9\n");
  test::write_text(dir / "b/evaluate/ranks_test_seen_kept.tsv",
                   "customer_id\ttarget\tleaked\twith text\tpopularity\nx\t1\t0\t1\t9\ny\t5\t0\t1\t9\nz\t6\t0\t1\t9\n");
  for (const bool common : {false, true})
    CHECK_THROWS_WITH(compare_runs(dir / "a", dir / "b", {.common = common}),
                      Catch::Contains("2 of 3 users have different targets in the runs (first: y, items 1 and 5)"));
}

TEST_CASE("users whose words give the title away can be left out", "[compare_runs]") {
  const TempDir dir;
  test::write_text(dir / "a/evaluate/ranks_test_seen_kept.tsv",
                   "customer_id\ttarget\tleaked\twith text\tpopularity\nx\t1\t1\t1\t9\ny\t5\t0\t8\t9\n");
  write_ranks(dir / "b", "x\t1\t9\n");
  const ComparisonReport report = compare_scores(dir / "a", {.without_leaks = true, .resampling = kFew});
  CHECK(result(report.comparisons[0], "HIT@5").users == 1);
  CHECK(result(report.comparisons[0], "HIT@5").mean_a == 0.0);
  CHECK_THAT(report.title, Catch::Contains("title not leaked"));
  CHECK_THROWS_WITH(compare_runs(dir / "a", dir / "b", {.without_leaks = true, .common = true}),
                    Catch::Contains("every user's words give the title away"));
}

TEST_CASE("the history is treated as in the run's own headline", "[compare_runs]") {
  const TempDir dir;
  write_ranks(dir / "a", "x\t1\t9\n");
  write_ranks(dir / "a", "x\t7\t9\n", "test_seen_left_out");
  test::write_text(dir / "a/config.yaml", "evaluate:\n  seen_items: mask\n");
  CHECK(result(compare_scores(dir / "a", {.resampling = kFew}).comparisons[0], "HIT@5").mean_a == 0.0);
  CHECK(result(compare_scores(dir / "a", {.seen_items = "keep", .resampling = kFew}).comparisons[0], "HIT@5").mean_a ==
        1.0);
}

TEST_CASE("several comparisons are one family", "[compare_runs]") {
  const TempDir dir;
  write_ranks(dir / "a", "x\t1\t9\ny\t8\t9\nz\t3\t9\n");
  write_ranks(dir / "b", "x\t9\t9\ny\t9\t9\nz\t9\t9\n");
  std::vector<ComparisonReport> reports(2, compare_runs(dir / "a", dir / "b", {.resampling = kFew}));
  const double p = result(reports[0].comparisons[0], "NDCG@10").p;
  adjust_as_one_family(reports);
  CHECK(result(reports[0].comparisons[0], "NDCG@10").p == p);
  CHECK(result(reports[0].comparisons[0], "NDCG@10").p_holm == Approx(std::min(1.0, 16 * p)));
}

TEST_CASE("users of only one run are an error that counts them, or left out", "[compare_runs]") {
  const TempDir dir;
  write_ranks(dir / "a", "x\t1\t9\ny\t8\t9\nz\t3\t9\n");
  write_ranks(dir / "b", "w\t1\t9\nx\t2\t9\n");
  CHECK_THROWS_WITH(compare_runs(dir / "a", dir / "b", {}),
                    Catch::Contains("1 users are in both runs, 2 only in the first, 1 only in the second"));
  const ComparisonReport report = compare_runs(dir / "a", dir / "b", {.common = true, .resampling = kFew});
  CHECK(report.comparisons[0].results[0].users == 1);
  write_ranks(dir / "b", "w\t1\t9\n");
  CHECK_THROWS_WITH(compare_runs(dir / "a", dir / "b", {.common = true}), Catch::Contains("no user in common"));
}

TEST_CASE("within a run a score is compared with every other one", "[compare_runs]") {
  const TempDir dir;
  write_ranks(dir / "a", "x\t1\t9\ny\t8\t2\nz\t3\t9\n");
  write_ranks(dir / "a", "x\t1\t1\n", "valid_seen_left_out");
  ComparisonReport report = compare_scores(dir / "a", {.resampling = kFew});
  REQUIRE(report.comparisons.size() == 1);
  CHECK(report.comparisons[0].b == "popularity");
  CHECK(result(report.comparisons[0], "HIT@5").difference == Approx(1.0 / 3));
  report = compare_scores(dir / "a", {.split = "valid", .seen_items = "mask", .resampling = kFew});
  CHECK(result(report.comparisons[0], "HIT@5").users == 1);
  CHECK_THROWS_WITH(compare_scores(dir / "a", {.score = "witth text"}),
                    Catch::Contains("there are: with text, popularity"));
  CHECK_THROWS_WITH(compare_scores(dir / "b", {}), Catch::Contains("latentcrs evaluate"));
}

TEST_CASE("a comparison as text and as JSON says the same", "[compare_runs]") {
  const TempDir dir;
  write_ranks(dir / "a", "x\t1\t9\ny\t8\t9\nz\t3\t9\n");
  const ComparisonReport report = compare_scores(dir / "a", {.resampling = kFew});
  const std::string text = to_text(report, kFew);
  CHECK_THAT(text, Catch::Contains("A = with text, B = popularity") && Catch::Contains("Holm over 8 tests") &&
                       Catch::Contains("+0.6667 [+") && Catch::Contains(", +1.0000]"));
  const nlohmann::json json = to_json(report, kFew);
  CHECK(json["family"] == 8);
  CHECK(json["comparisons"][0]["results"][0]["metric"] == "HIT@5");
  CHECK(json["comparisons"][0]["results"][0]["wins"] == 2);
  CHECK(run_name("outputs/tiny/") == "tiny");
  CHECK(run_name("outputs/tiny") == "tiny");
}
