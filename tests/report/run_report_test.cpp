#include "experiment/report/run_report.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "experiment/report/transcripts.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using nlohmann::json;
using test::TempDir;
namespace fs = std::filesystem;

namespace {

constexpr const char* kAttack = "<script>alert('x')</script>";

std::string dialogue(const std::string& user, const std::string& title) {
  const json line = {{"customer_id", "7_raw_test"},
                     {"target", 3},
                     {"target_title", title},
                     {"success_turn", 1},
                     {"missing_reply", false},
                     {"turns",
                      {{{"user", user},
                        {"leaks_title", false},
                        {"features", json::array({"Drama & more"})},
                        {"shown", {4, 3}},
                        {"shown_titles", {"Another", title}}}}}};
  return line.dump() + "\n";
}

/// A run that was preprocessed and evaluated but not trained.
void write_run(const fs::path& run, const std::string& rate, const std::string& title) {
  test::write_text(run / "run.json", R"({"version": "0.1.0", "git_revision": "abc", "device": "cpu", "seed": 42})");
  test::write_text(run / "config.yaml", "learning_rate: " + rate + "\nsame: 1\nevaluate:\n  seen_items: keep\n");
  test::write_text(run / "preprocess/dataset_report.json", R"({"users": 12345, "items": 99, "dataset_name": "<b>",
                       "kcore_passes": [{"users": 23456, "items": 120, "interactions": 3456789},
                                        {"users": 12345, "items": 99, "interactions": 2345678}]})");
  test::write_text(run / "evaluate/transcripts.jsonl", dialogue(kAttack, title));
  test::write_text(run / "evaluate/multi_turn.json",
                   R"({"all": {"users": 10, "missing_replies": 0, "success_rate": [0.2, 0.8],
                       "average_turn_failure_is_last": 1.8, "average_turn_failure_is_one_more": 2.0}})");
  test::write_text(
      run / "evaluate/ranks_test_seen_kept.tsv",
      "customer_id\ttarget\tleaked\twith text\tpopularity\n7_raw_test\t3\t0\t1\t5\n8_raw_test\t4\t0\t2\t0\n");
}

}  // namespace

TEST_CASE("a report shows what differs, says what is missing and needs nothing else", "[report]") {
  const TempDir dir;
  write_run(dir / "first", "0.001", "Plain");
  write_run(dir / "second", "0.005", "R&D \"quoted\"");
  const std::string page = render_report({dir / "first", dir / "second"}, {.resamples = 100});
  CHECK_THAT(page, Catch::StartsWith("<!DOCTYPE html>") && Catch::Contains("12,345"));
  CHECK_THAT(page, Catch::Contains("K-core") && Catch::Contains("23,456") && Catch::Contains("2,345,678"));
  // The table of settings has only the one that differs.
  CHECK_THAT(page, Catch::Contains("<code>0.001</code>") && Catch::Contains("<code>0.005</code>"));
  CHECK_THAT(page, !Catch::Contains("<code>1</code>"));
  // Wilson's interval of 8 of 10, from a file without intervals.
  CHECK_THAT(page, Catch::Contains("0.8000 <span class=\"ci\">[0.490, 0.943]</span>"));
  CHECK_THAT(page, Catch::Contains("Not there: pretrain/metrics.jsonl of first, second.") &&
                       Catch::Contains("Not there: evaluate/one_turn.json of first, second."));
  CHECK_THAT(page, Catch::Contains("A = first, B = second"));
  // The page loads nothing from outside and runs no script.
  for (const char* part : {"<script", "http:", "https:", "src=", "@import", "url("})
    CHECK_THAT(page, !Catch::Contains(part));
  CHECK_THAT(page, Catch::Contains("&lt;script&gt;alert(&#39;x&#39;)") &&
                       Catch::Contains("R&amp;D &quot;quoted&quot;") && Catch::Contains("&lt;b&gt;") &&
                       Catch::Contains("Drama &amp; more"));
  CHECK(page == render_report({dir / "first", dir / "second"}, {.resamples = 100}));
}

TEST_CASE("figures of lists stand in the page, and runs without them are named", "[report]") {
  const TempDir dir;
  for (const char* run : {"a", "b"}) write_run(dir / run, "0.001", "T");
  CHECK_THAT(render_report({dir / "a", dir / "b"}, {.resamples = 100}),
             Catch::Contains("evaluate.list_metrics_at=10 measures"));
  test::write_text(dir / "a/config.yaml", "evaluate:\n  list_metrics_at: 20\n");
  test::write_text(
      dir / "a/evaluate/lists.json",
      R"({"test_seen_kept": {"<with> text": {"users": 2, "coverage": 0.25, "gini": 0.5, "popularity": 30.25,
                       "popularity_ci95": 1.5, "novelty": 3.125, "novelty_ci95": 0.25, "genre_diversity": 0.75,
                       "genre_diversity_ci95": 0.0625, "intent_diversity": 0.5, "intent_diversity_ci95": 0.125}}})");
  const std::string page = render_report({dir / "a", dir / "b"}, {.resamples = 100});
  CHECK_THAT(page, Catch::Contains("First 20 items, test, history among the candidates") &&
                       Catch::Contains("&lt;with&gt; text") && Catch::Contains("0.2500") &&
                       Catch::Contains("30.2 <span class=\"ci\">±1.5</span>") &&
                       Catch::Contains("0.7500 <span class=\"ci\">±0.0625</span>"));
  CHECK_THAT(page, Catch::Contains("Not there: figures of lists (evaluate.list_metrics_at) of b."));
}

TEST_CASE("learning curves of runs share charts, and constants are said", "[report]") {
  const TempDir dir;
  for (const char* run : {"a", "b"}) {
    write_run(dir / run, "0.001", "T");
    std::string lines;
    for (int epoch = 0; epoch <= 2; ++epoch)
      lines += json{{"em_stage", "joint"},
                    {"epoch", epoch},
                    {"learning_rate", 0.5},
                    {"valid", {{"with_text", {{"NDCG@10", epoch == 1 ? 0.3 : 0.1}, {"HIT@5", 0.1 * epoch}}}}}}
                   .dump() +
               "\n";
    test::write_text(dir / run / "train/metrics.jsonl", lines);
  }
  const std::string page = render_report({dir / "a", dir / "b"}, {.resamples = 100});
  CHECK_THAT(page, Catch::Contains("EM: losses and validation") &&
                       Catch::Contains("joint, valid, with text, NDCG@10") &&
                       Catch::Contains("Unchanged: joint, learning rate = 0.5."));
  // The first, last and best value of the metric that early stopping watches, and the epoch of the best one.
  CHECK_THAT(page, Catch::Contains("<td>2</td><td>0.1000</td><td>0.1000</td><td>0.3000</td><td>1</td>"));
  CHECK_THAT(page, !Catch::Contains("HIT@5, "));  // early stopping does not watch it
}

TEST_CASE("users without a text have no intent with text", "[report]") {
  const TempDir dir;
  write_run(dir / "a", "0.001", "T");
  const std::string head = "customer_id\tm (u,x)\tp(m|u,x)\tm (u)\tq(m|u)\n";
  test::write_text(dir / "a/evaluate/intents_test.tsv",
                   head + "1_raw_test\t3\t0.5\t3\t0.2\n2_raw_test\t\t\t1\t0.4\n3_raw_test\t2\t0.7\t1\t0.6\n");
  // Two users have a text, and one of them has the same intent with and without it.
  CHECK_THAT(render_report({dir / "a"}, {.resamples = 100}),
             Catch::Contains("50.0 %") && Catch::Contains("0.600") && Catch::Contains("0.400"));
  test::write_text(dir / "a/evaluate/intents_test.tsv", head + "2_raw_test\t\t\t1\t0.4\n");
  CHECK_THAT(render_report({dir / "a"}, {.resamples = 100}),
             Catch::Contains("without text") && !Catch::Contains("nan"));
}

TEST_CASE("one run is compared within itself; users that differ are said in the page", "[report]") {
  const TempDir dir;
  write_run(dir / "a", "0.001", "T");
  CHECK_THAT(render_report({dir / "a"}, {.resamples = 100}), Catch::Contains("A = with text, B = popularity"));
  write_run(dir / "b", "0.001", "T");
  test::write_text(dir / "b/evaluate/ranks_test_seen_kept.tsv",
                   "customer_id\ttarget\tleaked\twith text\n9_raw_test\t3\t0\t1\n");
  CHECK_THAT(render_report({dir / "a", dir / "b"}, {.resamples = 100}), Catch::Contains("no user in common"));
}

TEST_CASE("what is no run, or damaged, is named", "[report]") {
  const TempDir dir;
  CHECK_THROWS_WITH(render_report({dir / "nowhere"}, {}), Catch::Contains("holds no run.json"));
  write_run(dir / "a", "0.001", "T");
  test::write_text(dir / "a/train/metrics.jsonl", "{\"epoch\": 1}\n{\"epo");
  CHECK_THROWS_WITH(render_report({dir / "a"}, {}), Catch::Contains("metrics.jsonl:2"));
  test::write_text(dir / "a/train/metrics.jsonl", "");
  test::write_text(dir / "a/evaluate/multi_turn.json", "{\"all\"");
  CHECK_THROWS_WITH(render_report({dir / "a"}, {}), Catch::Contains("multi_turn.json: not JSON"));
  test::write_text(dir / "a/evaluate/multi_turn.json", "{}");
  CHECK_THROWS_AS(render_report({dir / "a"}, {}), Error);
}

TEST_CASE("the page of dialogues holds all of them, escaped", "[report]") {
  const TempDir dir;
  std::string lines = dialogue(kAttack, "One & only");
  json failure = json::parse(dialogue("Hm.", "Other"));
  failure["success_turn"] = nullptr;
  failure["turns"][0].erase("shown_titles");  // as earlier versions wrote it
  lines += failure.dump() + "\n";
  test::write_text(dir / "t.jsonl", lines);
  write_transcript_page(dir / "t.jsonl", "Dialogues of <x>", dir / "t.html");
  const std::string page = test::read_text(dir / "t.html");
  CHECK_THAT(page, Catch::Contains("Dialogues of &lt;x&gt;") && Catch::Contains("Not found: 1") &&
                       Catch::Contains("Found in turn 1: 1") && Catch::Contains("item 4") &&
                       Catch::Contains("class=\"hit\">One &amp; only"));
  CHECK_THAT(page, !Catch::Contains("<script"));
  test::write_text(dir / "t.jsonl", lines + "{\"customer_id\": 1}\n");
  CHECK_THROWS_WITH(read_transcripts(dir / "t.jsonl"), Catch::Contains("t.jsonl:3"));
}

TEST_CASE("a report shows what users said at first, with their prompts", "[report]") {
  const TempDir dir;
  write_run(dir / "run", "0.001", "Plain");
  const fs::path simulate = dir / "run/simulate";
  std::string lines;
  for (int user = 1; user <= 40; ++user)
    lines += json{{"customer_id", std::to_string(user) + "_raw_test"},
                  {"prompt", "Speak as user " + std::to_string(user) + "."},
                  {"response", user == 1 ? kAttack : "Something calm."},
                  {"leaks_title", user == 1}}
                 .dump() +
             "\n";
  test::write_text(simulate / "processed_data/tiny_raw_seedtest.jsonl", lines);
  test::write_text(simulate / "simulation_report.json",
                   R"({"test": {"records": 40, "missing": 3, "leaking": 1, "leaked_at_first": 21, "shortened": 5}})");
  const std::string page = render_report({dir / "run"}, {.resamples = 100});
  CHECK_THAT(page, Catch::Contains("Speak as user 1.") && Catch::Contains("gives the title away") &&
                       Catch::Contains("leaked at first") && Catch::Contains("21"));
  CHECK_THAT(page, !Catch::Contains(kAttack) && !Catch::Contains("Speak as user 2."));
  test::write_text(simulate / "processed_data/tiny_raw_seedtest.jsonl", "{}\n");
  CHECK_THROWS_WITH(render_report({dir / "run"}, {.resamples = 100}), Catch::Contains("seedtest.jsonl:1"));
}
