#include "experiment/report/run_headline.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Contains;
using test::TempDir;
using test::write_text;
namespace fs = std::filesystem;

namespace {

/// A run with 200 users. With text every rank is `with_text`, for the other scores 5; popularity misses every second
/// user.
void write_ranks(const fs::path& run, int with_text, const std::string& name = "test_seen_kept") {
  std::string text = "customer_id\ttarget\tleaked\twith text\twithout text\tsequence only\tpopularity\n";
  for (int user = 1; user <= 200; ++user)
    text += std::to_string(user) + "_raw_test\t1\t0\t" + std::to_string(with_text) + "\t5\t5\t" +
            (user % 2 == 0 ? "1" : "0") + "\n";
  write_text(run / ("evaluate/ranks_" + name + ".tsv"), text);
}

void write_evaluation(const fs::path& run) {
  write_text(run / "preprocess/dataset_report.json", R"({"users": 200, "items": 31})");
  write_text(run / "evaluate/one_turn.json", "{}");
  write_text(
      run / "evaluate/multi_turn.json",
      R"({"all": {"users": 100, "success_rate": [0.2, 0.5, 0.7], "success_rate_ci95": [[0, 1], [0, 1], [0.6, 0.8]],
                 "average_turn_failure_is_last": 2.25, "average_turn_failure_is_last_ci95": 0.125}})");
}

struct Headline {
  EvaluateOptions evaluate;
  TempDir dir;
  std::vector<std::string> command = {"latentcrs", "run", "-c", "tiny", "pretrain.num_intent_clusters=[128]"};
  std::string not_run;

  Headline() { write_evaluation(dir.path()); }
  std::string text() const {
    const std::string all = run_headline({.folder = dir.path(),
                                          .dataset = "d",
                                          .seed = 42,
                                          .evaluate = evaluate,
                                          .command = command,
                                          .same = {command.begin() + 2, command.end()},
                                          .not_run = not_run});
    CHECK(std::count(all.begin(), all.end(), '\n') <= 15);
    CHECK(all.ends_with('\n'));
    return all;
  }
};

}  // namespace

TEST_CASE("a run ends with what was asked, the headline, and what comes next", "[headline]") {
  Headline run;
  write_ranks(run.dir.path(), 1);
  const std::string text = run.text(), folder = run.dir.path().string();
  CHECK_THAT(text, Contains("Asked            latentcrs run -c tiny 'pretrain.num_intent_clusters=[128]'\n"));
  CHECK_THAT(text, Contains("Data             d, 200 users, 31 items; seed 42\n"));
  CHECK_THAT(text, Contains("HIT@10            NDCG@10") && Contains("(200 users, history among the candidates)"));
  CHECK_THAT(text, Contains("with text        1.0000 ± 0.0000   1.0000 ± 0.0000\n"));
  CHECK_THAT(text, Contains("sequence only    1.0000 ± 0.0000   0.3869 ± 0.0000\n"));  // 1 / log2(6)
  CHECK_THAT(text, Contains("popularity       0.5000 ± 0.0695   0.5000 ± 0.0695\n"));  // 1.96 sqrt(.25 / 199)
  CHECK_THAT(text,
             Contains("SR@3 0.7000 [0.6000, 0.8000], AT 2.250 ± 0.125 (a failure counts as turn 3), 100 users\n"));
  CHECK_THAT(text, Contains("Text             helped: NDCG@10 +0.6131 [+0.6131, +0.6131] over sequence only, +0.6131 "
                            "[+0.6131, +0.6131] over without text"));
  CHECK_THAT(text, Contains("Summary          " + folder + "/summary.md\n") &&
                       Contains("latentcrs report " + folder + " makes " + folder + "/report.html\n") &&
                       Contains("Next             latentcrs compare " + folder + "\n"));
  CHECK_THAT(text, !Contains("Not run") && !Contains("without text  "));
}

TEST_CASE("the headline says that text did not help, or that no gain is shown", "[headline]") {
  Headline run;
  write_ranks(run.dir.path(), 9);
  CHECK_THAT(run.text(), Contains("Text             did not help: NDCG@10 -0.0858"));
  write_ranks(run.dir.path(), 5);
  CHECK_THAT(run.text(),
             Contains("Text             no gain shown: NDCG@10 +0.0000 [+0.0000, +0.0000] over sequence only"));
}

TEST_CASE("the headline is that of the configured treatment of the history", "[headline]") {
  Headline run;
  write_ranks(run.dir.path(), 1);
  write_ranks(run.dir.path(), 2, "test_seen_left_out");
  run.evaluate.seen_items = SeenItems::mask;
  run.evaluate.multi_turn = false;
  CHECK_THAT(run.text(), Contains("history left out)") && Contains("with text        1.0000 ± 0.0000   0.6309") &&
                             !Contains("SR@"));
}

TEST_CASE("a run that ends with the encoder shows it with both treatments of the history", "[headline]") {
  Headline run;
  fs::remove_all(run.dir / "evaluate");
  write_text(
      run.dir / "pretrain/next_item.json",
      R"({"seen_left_out": {"test": {"HIT@10": 0.25, "HIT@10_ci95": 0.01, "NDCG@10": 0.125, "NDCG@10_ci95": 0.005}},
                 "seen_kept": {"test": {"HIT@10": 0.5, "HIT@10_ci95": 0.02, "NDCG@10": 0.25, "NDCG@10_ci95": 0.01}}})");
  run.not_run = "simulate needs item features";
  const std::string text = run.text();
  CHECK_THAT(text, Contains("history left out 0.2500 ± 0.0100   0.1250 ± 0.0050\n") &&
                       Contains("history kept     0.5000 ± 0.0200   0.2500 ± 0.0100\n") &&
                       Contains("Not run          simulate needs item features\n") &&
                       Contains("Next             latentcrs intents -c tiny 'pretrain.num_intent_clusters=[128]'\n"));
}

TEST_CASE("words of commands are quoted as a shell needs it", "[headline]") {
  CHECK(shell_word("a/b-c.d=e,f") == "a/b-c.d=e,f");
  CHECK(shell_word("") == "''");
  CHECK(shell_word("it's") == "'it'\\''s'");
  CHECK(shell_word("~lr") == "'~lr'");
}
