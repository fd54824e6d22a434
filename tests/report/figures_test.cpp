// The figures of a report on made-up runs: their numbers, and their files.
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "experiment/report/figure.h"
#include "experiment/report/run_report.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Contains;
using nlohmann::json;
using test::TempDir;
namespace fs = std::filesystem;

namespace {

/// Eight users with histories of 2, 2, 3, 3, 4, 4, 5 and 5 items before their test target, which is item 1 of the first
/// four and item 2 of the others. Item 1 is trained on by nobody, item 2 by the last four. The target is first with
/// text for all; without it it is third for the first four, which is NDCG 1/2, and first for the others.
void write_run(const fs::path& run) {
  test::write_text(run / "run.json", R"({"version": "0.1.0", "device": "cpu", "seed": 42})");
  test::write_text(run / "config.yaml", "datasets:\n  dataset_name: x\nevaluate:\n  seen_items: keep\n");
  std::string sequences, ranks = "customer_id\ttarget\tleaked\twith text\tsequence only\n";
  for (int user = 1; user <= 8; ++user) {
    const bool early = user <= 4;
    sequences += std::to_string(user);
    for (int i = 0; i < 2 + (user - 1) / 2; ++i)
      sequences += (i == 0 ? "\t" : " ") + std::to_string(!early && i == 0 ? 2 : 10 * user + i);
    sequences += early ? " 1\n" : " 2\n";
    ranks += std::to_string(user) + "_raw_test\t" + (early ? "1\t0\t1\t3\n" : "2\t0\t1\t1\n");
  }
  test::write_text(run / "preprocess/x.csv", sequences);
  test::write_text(run / "evaluate/ranks_test_seen_kept.tsv", ranks);
}

json score(double hit, double half) {
  return {{"HIT@10", hit}, {"HIT@10_ci95", half}, {"NDCG@10", hit / 2}, {"NDCG@10_ci95", half / 2}, {"users", 8}};
}

std::string csv_of(const fs::path& folder, const std::string& figure) {
  return test::read_text(folder / "tables" / (figure + ".csv"));
}

constexpr ResamplingOptions kFew{.resamples = 200};

}  // namespace

TEST_CASE("what the words gain stands in groups of users", "[figures]") {
  const TempDir dir;
  write_run(dir / "run");
  write_report({dir / "run"}, kFew, dir / "run/report.html");
  // All differences in a group are equal, so its interval is one number; that of all users is the bootstrap's.
  const std::string by_history = csv_of(dir / "run/report", "gain-by-history");
  CHECK_THAT(by_history, Catch::StartsWith("items before the target,gain in NDCG@10,gain in NDCG@10 low,gain in "
                                           "NDCG@10 high,targets\n2,0.5,0.5,0.5,2\n3,0.5,0.5,0.5,2\n4,0,0,0,2\n"
                                           "5,0,0,0,2\nall,0.25,"));
  CHECK_THAT(csv_of(dir / "run/report", "gain-by-popularity"), Contains("\n0,0.5,0.5,0.5,4\n4,0,0,0,4\nall,0.25,"));
  const std::string page = test::read_text(dir / "run/report.html");
  CHECK_THAT(page, Contains("What the words gain, by the length of the history") &&
                       Contains("href=\"report/figures/gain-by-history.svg\"") && Contains(">Items before (targets)<"));
}

TEST_CASE("ranks among drawn items are said below every figure of them", "[figures]") {
  const TempDir dir;
  write_run(dir / "run");
  test::write_text(dir / "run/config.yaml", "datasets:\n  dataset_name: x\nevaluate:\n  sampled_negatives: 20\n");
  write_report({dir / "run"}, kFew, dir / "r.html");
  CHECK_THAT(test::read_text(dir / "r.html"), Contains("bootstrap. SAMPLED: targets are ranked among 20 drawn items"));
  CHECK_THAT(test::read_text(dir / "r/tables/gain-by-history.tex"), Contains("SAMPLED"));
}

TEST_CASE("figures without data leave no trace, and old ones are removed", "[figures]") {
  const TempDir dir;
  write_run(dir / "run");
  const fs::path files = dir / "run/report", page = dir / "run/report.html";
  for (const char* old : {"figures/turns.svg", "tables/turns.csv", "tables/turns.tex", "figures/intents.svg",
                          "figures/intents-2.svg", "figures/mine.svg"})
    test::write_text(files / old, "old");
  write_report({dir / "run"}, kFew, page);
  for (const char* old :
       {"figures/turns.svg", "tables/turns.csv", "tables/turns.tex", "figures/intents.svg", "figures/intents-2.svg"})
    CHECK_FALSE(fs::exists(files / old));
  CHECK(fs::exists(files / "figures/mine.svg"));  // which no report wrote
  const std::string text = test::read_text(page);
  CHECK_THAT(text, Contains("After latentcrs intents"));  // the way to the map
  CHECK_THAT(text, !Contains("figure-turns") && !Contains("figure-conversations") && !Contains("figure-scores") &&
                       !Contains("success rate by turn"));
}

TEST_CASE("scores stand by their kind, for several runs side by side", "[figures]") {
  const TempDir dir;
  for (const char* run : {"a", "b"}) write_run(dir / run);
  const json a = {{"popularity", score(0.25, 0.125)}, {"with text", score(0.5, 0.25)}, {"mine", score(0.75, 0.0625)}};
  test::write_text(dir / "a/evaluate/one_turn.json", json{{"test_seen_kept", a}}.dump());
  const json b = {{"other's text", score(0.125, 0.125)}, {"with text", score(0.5, 0.25)}};
  test::write_text(dir / "b/evaluate/one_turn.json", json{{"test_seen_kept", b}}.dump());
  write_report({dir / "a", dir / "b"}, kFew, dir / "both.html");
  CHECK(csv_of(dir / "both", "scores") ==
        "score,run,HIT@10,HIT@10 low,HIT@10 high,NDCG@10,NDCG@10 low,NDCG@10 high,targets\n"
        "with text,a,0.5,0.25,0.75,0.25,0.125,0.375,8\nwith text,b,0.5,0.25,0.75,0.25,0.125,0.375,8\n"
        "popularity,a,0.25,0.125,0.375,0.125,0.0625,0.1875,8\n"
        "mine,a,0.75,0.6875,0.8125,0.375,0.34375,0.40625,8\n"
        "other's text,b,0.125,0,0.25,0.0625,0,0.125,8\n");
  const std::string svg = test::read_text(dir / "both/figures/scores.svg");
  CHECK(svg.find(">Model<") < svg.find(">Baselines<"));
  CHECK(svg.find(">Baselines<") < svg.find(">Controls<"));
  CHECK_THAT(svg, Contains("<title>a</title>") && Contains("<title>b</title>"));
}

TEST_CASE("dialogues are drawn by turn, with Wilson's interval where the run has none", "[figures]") {
  const TempDir dir;
  write_run(dir / "run");
  test::write_text(dir / "run/evaluate/multi_turn.json",
                   R"({"all": {"users": 10, "success_rate": [0.25, 0.8], "success_rate_ci95": [[0.125, 0.5], [0.5, 1]],
                       "average_turn_failure_is_last": 1.8, "average_turn_failure_is_one_more": 2.0}})");
  write_report({dir / "run"}, kFew, dir / "r.html");
  CHECK(csv_of(dir / "r", "turns") ==
        "turn,success rate,success rate low,success rate high,dialogues\n1,0.25,0.125,0.5,10\n2,0.8,0.5,1,10\n");
}

TEST_CASE("people's conversations have figures of their own, by dialogue", "[figures]") {
  const TempDir dir;
  write_run(dir / "run");
  const json figures = {{"recall@10", 0.5}, {"recall@10_ci95", 0.25}, {"NDCG@10", 0.25}, {"NDCG@10_ci95", 0.125},
                        {"recall@1", 0},    {"recall@1_ci95", 0},     {"recall@5", 0},   {"recall@5_ci95", 0},
                        {"recall@20", 0},   {"recall@20_ci95", 0},    {"recall@50", 0},  {"recall@50_ci95", 0},
                        {"MRR", 0},         {"MRR_ci95", 0}};
  test::write_text(
      dir / "run/evaluate/conversations.json",
      json{{"left_out", json::object()},
           {"groups",
            {{{"name", "recommendation"}, {"rows", 4}, {"dialogues", 2}, {"scores", {{"with text", figures}}}}}}}
          .dump());
  std::string ranks = "customer_id\ttarget\tleaked\tdialogue\twith text\tsequence only\n", lines;
  for (int i = 0; i < 4; ++i) {
    const std::string id = "d" + std::to_string(i / 2) + "/" + std::to_string(i) + "/2";
    ranks += id + "\t2\t0\td" + std::to_string(i / 2) + (i % 2 == 0 ? "\t1\t3\n" : "\t1\t1\n");
    lines += json{{"id", id},
                  {"dialogue", "d"},
                  {"condition", "recommendation"},
                  {"target", {{"item", 2}, {"title", "T"}}},
                  {"utterances", json::array()},
                  {"history", i % 2 == 0 ? json::array() : json::array({{{"item", 3}, {"title", "H"}}})},
                  {"ranks", json::object()},
                  {"rankings", json::object()}}
                 .dump() +
             "\n";
  }
  test::write_text(dir / "run/evaluate/ranks_conversations_recommendation_seen_left_out.tsv", ranks);
  test::write_text(dir / "run/evaluate/conversations.jsonl", lines);
  write_report({dir / "run"}, kFew, dir / "r.html");
  CHECK(csv_of(dir / "r", "conversations") ==
        "score,recall@10,recall@10 low,recall@10 high,NDCG@10,NDCG@10 low,NDCG@10 high,targets\n"
        "with text,0.5,0.25,0.75,0.25,0.125,0.375,4\n");
  CHECK(csv_of(dir / "r", "conversations-gain-by-history") ==
        "items before the target,gain in NDCG@10,gain in NDCG@10 low,gain in NDCG@10 high,targets\n"
        "0,0.5,0.5,0.5,2\n1,0,0,0,2\nall,0.25,0.25,0.25,4\n");
  // All targets are one item, so there are no groups by popularity.
  CHECK_FALSE(fs::exists(dir / "r/figures/conversations-gain-by-popularity.svg"));
}

TEST_CASE("kinds of figures have names of their own, and stand by their headings", "[figures]") {
  std::vector<std::string_view> names, headings;
  for (const FigureKind& kind : figure_kinds()) {
    CHECK(std::find(names.begin(), names.end(), kind.name) == names.end());
    names.push_back(kind.name);
    if (!headings.empty() && headings.back() == kind.heading) continue;
    CHECK(std::find(headings.begin(), headings.end(), kind.heading) == headings.end());
    headings.push_back(kind.heading);
  }
}

TEST_CASE("the folder of a report's files has the name of its page", "[figures]") {
  CHECK(report_files_folder("runs/a/report.html") == "runs/a/report");
  CHECK(report_files_folder("k.html") == "k");
  CHECK(report_files_folder("page") == "page_files");
}
