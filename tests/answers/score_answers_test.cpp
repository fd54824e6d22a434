#include "language/answers/score_answers.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <sstream>

#include "base/util/error.h"
#include "base/util/files.h"
#include "language/answers/answer_figures.h"
#include "language/answers/rank_rows.h"
#include "support/temp_dir.h"

using namespace latentcrs;

namespace {

/// Six films, a person and three turns of two dialogues.
class Sample {
 public:
  Sample() {
    write("entity2id.json",
          R"({"<r/Heat_(1995_film)>": 1, "<r/Casino_(film)>": 2, "<r/Babe>": 3, "<r/Alien>": 4, "<r/Aliens>": 5,)"
          R"( "<r/Toy_Story>": 6, "<r/Al_Pacino>": 7})");
    write("test.jsonl",
          "{\"rec\": [1, 4], \"prev_entity\": [7], \"dialog_id\": \"a\"}\n"
          "{\"rec\": [3], \"prev_entity\": [1, 2], \"dialog_id\": \"a\"}\n"
          "{\"rec\": [2], \"prev_entity\": [2], \"dialog_id\": 5}\n");
  }

  void write(const std::string& name, const std::string& text) const { test::write_text(folder_ / name, text); }
  fs::path answers(const std::string& lines) const {
    write("answers/some-model/general.jsonl", lines);
    return folder_ / "answers/some-model/general.jsonl";
  }
  fs::path path(const std::string& name) const { return folder_ / name; }

 private:
  test::TempDir folder_;
};

/// With a misspelled Casino, a film that no entity is near to, and Babe within 2.
constexpr const char* kReplies =
    R"({"turn": 0, "reply": "1. Caasino\n2. Zebra Crossing Blues\n3. Alien (1979)\n4. Heat"})"
    "\n"
    R"({"turn": 1, "reply": "1. Heat\n2. Al Pacino\n3. Babes"})"
    "\n"
    R"({"turn": 2, "reply": "1. Casino"})"
    "\n";

std::vector<ResultRanks> ranks_of(const RankedAnswers& answers) {
  std::vector<ResultRanks> ranks;
  for (const TargetRanks& row : answers.rows) ranks.push_back(row.ranks);
  return ranks;
}

bool says(const ScoreReport& report, const std::string& words) {
  for (const std::string& note : report.notes)
    if (note.find(words) != std::string::npos) return true;
  return false;
}

}  // namespace

TEST_CASE("replies to turns are read, linked and ranked", "[score_answers]") {
  const Sample sample;
  const ScoreReport report = score_answers({.answers = {sample.answers(kReplies)}});
  REQUIRE(report.answers.size() == 1);
  const RankedAnswers& answers = report.answers[0];
  CHECK(answers.model == "some-model");
  CHECK(answers.input == "general");
  CHECK(answers.links == "own");
  // "Zebra Crossing Blues" is far from every label: it holds a place under r1 and r2 alone. Turn 1 has seen Heat.
  CHECK(ranks_of(answers) == std::vector<ResultRanks>{{4, 4, 3, 3}, {3, 3, 2, 2}, {3, 2, 3, 2}, {1, 0, 1, 0}});
  CHECK(answers.rows[1].target == 4);
  CHECK(answers.rows[2].dialogue == "a");
  CHECK(answers.rows[3].dialogue == "5");
  CHECK(answers.rows[3].discussed);
  CHECK_FALSE(answers.rows[2].discussed);
}

TEST_CASE("published links count as they are, and own ones beside them", "[score_answers]") {
  const Sample sample;
  const auto file = sample.answers(
      R"({"index": 0, "resp": {"choices": [{"message": {"content": "1. Haet"}, "finish_reason": "length"}]},)"
      R"( "rec_list": [{"movie_name": "Haet", "nearest_movie": "Alien", "min_edit_distance": 4}],)"
      R"( "gt_list": ["Heat", "Alien"], "prev_list": ["Al Pacino"]})"
      "\n");
  const ScoreReport report = score_answers({.answers = {file}, .links = LinkChoice::both});
  REQUIRE(report.answers.size() == 2);
  CHECK(ranks_of(report.answers[0]) == std::vector<ResultRanks>{{}, {1, 1, 0, 0}, {}, {}});
  CHECK(ranks_of(report.answers[1]) == std::vector<ResultRanks>{{1, 1, 1, 1}, {}, {}, {}});
  CHECK(says(report, "general.jsonl:1: The answer was cut"));
  CHECK(says(report, "general.jsonl, turn 1 and 1 more: The turn has no answer"));
}

TEST_CASE("without turns and entities the labels of the answers count", "[score_answers]") {
  const test::TempDir folder;
  test::write_text(folder / "m/p3.jsonl",
                   R"({"index": 4, "rec_list": [{"movie_name": "Up", "nearest_movie": "Up", "min_edit_distance": 0}],)"
                   R"( "gt_list": ["Up", "Heat"], "prev_list": ["Heat"]})");
  const ScoreReport report = score_answers({.answers = {folder / "m/p3.jsonl"}});
  CHECK(ranks_of(report.answers.at(0)) == std::vector<ResultRanks>{{1, 1, 1, 1}, {}});
  CHECK(report.answers[0].rows[1].discussed);
  CHECK(says(report, "dialogues are unknown"));
  CHECK(says(report, "4 turns before the last one have no answer"));
  CHECK_THROWS_AS(score_answers({.answers = {folder / "m/p3.jsonl"}, .links = LinkChoice::own}), Error);
}

TEST_CASE("what is odd in answers is counted and said with its line", "[score_answers]") {
  const Sample sample;
  sample.write("test.jsonl",
               "{\"rec\": [1], \"prev_entity\": [], \"dialog_id\": \"a\"}\n"
               "{\"rec\": [99], \"prev_entity\": [98], \"dialog_id\": \"a\"}\n"
               "{\"rec\": [3], \"prev_entity\": [], \"dialog_id\": \"b\"}\n");
  const auto file = sample.answers(
      "{\"turn\": 0, \"reply\": \" \"}\n{\"turn\": 1, \"reply\": \"1. Heat\"}\n"
      "{\"turn\": 2, \"reply\": \"Heat, or Babe\"}\n{\"turn\": 2, \"reply\": \"1. Babe\"}\n");
  const ScoreReport report = score_answers({.answers = {file}});
  CHECK(says(report, "general.jsonl:1: The answer is empty; its targets are misses."));
  CHECK(says(report, "general.jsonl:2: No entity has this target"));
  CHECK(says(report, "general.jsonl:2: No entity has something that was named before"));
  CHECK(says(report, "general.jsonl:3: The answer has no numbered list"));
  CHECK(says(report, "general.jsonl:4: The turn has an answer already"));
  CHECK(ranks_of(report.answers.at(0)) == std::vector<ResultRanks>{{}, {}, {2, 2, 0, 0}});  // "or Babe" is 3 from Babe
}

TEST_CASE("lines that cannot be read stop the command and are named", "[score_answers]") {
  const Sample sample;
  const std::pair<const char*, const char*> cases[] = {
      {"{\"turn\": 0, \"reply\": \"1. Heat\"}\n{\"turn\": 0,", ":2"},
      {"{\"turn\": \"x\", \"reply\": \"1. Heat\"}\n", ":1"},
      {"{\"reply\": \"1. Heat\"}\n", ":1"},
      {"{\"turn\": 3, \"reply\": \"1. Heat\"}\n", ":1: there is no turn 3"},
      {"{\"turn\": 0, \"resp\": {\"choices\": [{}]}}\n", ":1"},
      {"Heat\n", "neither answers"},
      {"", "neither answers"},
  };
  for (const auto& [text, words] : cases) {
    CAPTURE(text);
    CHECK_THROWS_WITH(score_answers({.answers = {sample.answers(text)}}), Catch::Contains(words));
  }
}

TEST_CASE("zero-shot answers of a run are ranked beside its own rankings", "[score_answers]") {
  const test::TempDir folder;
  test::write_text(
      folder / "zero_shot_all.jsonl",
      R"({"customer_id": "u1", "target": 3, "titles": ["A", "?", "B"], "items": [1, null, 3], "seen": [1]})"
      "\n"
      R"({"customer_id": "u2", "target": 5, "titles": [], "items": [], "seen": [5], "problem": "empty"})"
      "\n");
  test::write_text(folder / "ranks_test_seen_kept.tsv",
                   "customer_id\ttarget\tleaked\twith text\nu0\t9\t0\t1\nu1\t3\t0\t7\nu2\t5\t0\t2\n");
  test::write_text(folder / "ranks_test_seen_left_out.tsv",
                   "customer_id\ttarget\tleaked\twith text\nu0\t9\t0\t1\nu1\t3\t0\t6\nu2\t5\t0\t1\n");
  const ScoreReport report = score_answers({.run = ScoredRun{"tiny", folder.path()}});
  REQUIRE(report.answers.size() == 2);
  CHECK(report.answers[0].model == "tiny, zero shot");
  CHECK(report.answers[0].input == "all");
  CHECK(ranks_of(report.answers[0]) == std::vector<ResultRanks>{{3, 2, 2, 1}, {}});
  CHECK(report.answers[0].rows[1].discussed);
  CHECK(report.answers[1].model == "tiny, with text");
  CHECK(ranks_of(report.answers[1]) == std::vector<ResultRanks>{{7, 6, 7, 6}, {2, 1, 2, 1}});
  CHECK(says(report, "zero_shot_all.jsonl:2: There is no list (empty); it is a miss."));
}

TEST_CASE("a run's rankings after conversations stand in the same columns", "[score_answers]") {
  const test::TempDir folder;
  const std::string first =
      R"({"id": "1/2", "dialogue": "1", "condition": "recommendation", "target": {"item": 7, "title": "Up"},)"
      R"( "ranks": {"popularity": 30, "with text": 2}})"
      "\n";
  test::write_text(folder / "conversations.jsonl",
                   first + R"({"id": "1/4", "dialogue": "1", "condition": "discussion", "target": {"item": 8},)" +
                       R"( "ranks": {"popularity": 1, "with text": 0}})" + "\n");
  const ScoreReport report = score_answers({.run = ScoredRun{"ml1m", folder.path()}});
  REQUIRE(report.answers.size() == 2);
  CHECK(report.answers[1].model == "ml1m, with text");
  CHECK(ranks_of(report.answers[1]) == std::vector<ResultRanks>{{2, 2, 2, 2}, {}});
  CHECK(report.answers[0].rows[1].discussed);
  CHECK(report.answers[0].rows[0].dialogue == "1");
  test::write_text(folder / "conversations.jsonl",
                   first + R"({"dialogue": "1", "condition": "", "target": {"item": 8}, "ranks": {"with text": 1}})");
  CHECK_THROWS_WITH(score_answers({.answers = {folder / "conversations.jsonl"}}),
                    Catch::Contains("conversations.jsonl:2"));
}

TEST_CASE("a table of ranks that was written is read again, and targets may be chosen", "[score_answers]") {
  const Sample sample;
  const ScoreReport written = score_answers({.answers = {sample.answers(kReplies)}});
  write_rank_rows(written.answers, sample.path("ranks.tsv"));
  sample.write("among.jsonl",
               "{\"turn\": 0, \"entity\": 4, \"history\": []}\n{\"turn\": 1, \"entity\": 3, \"history\": [1, 2]}\n"
               "{\"turn\": 9, \"entity\": 3, \"history\": [1]}\n");
  const ScoreReport all = score_answers({.answers = {sample.path("ranks.tsv")}});
  CHECK(figures_tsv(all.answers) == figures_tsv(written.answers));
  const ScoreReport chosen =
      score_answers({.answers = {sample.path("ranks.tsv")}, .among = sample.path("among.jsonl")});
  CHECK(ranks_of(chosen.answers.at(0)) == std::vector<ResultRanks>{{3, 3, 2, 2}, {3, 2, 3, 2}});
  CHECK(says(chosen, "1 of its 3 targets are not among the answers"));
  const ScoreReport later =
      score_answers({.answers = {sample.path("ranks.tsv")}, .among = sample.path("among.jsonl"), .min_history = 2});
  CHECK(ranks_of(later.answers.at(0)) == std::vector<ResultRanks>{{3, 2, 3, 2}});
}

// ---- The published answers, which are never committed ----

namespace {

using Cells = std::vector<std::string>;

std::vector<Cells> read_table(const fs::path& path) {
  std::vector<Cells> rows;
  std::istringstream text(test::read_text(path));
  for (std::string line; std::getline(text, line);) {
    Cells cells;
    for (const std::string_view cell : split_cells(line)) cells.emplace_back(cell);
    rows.push_back(std::move(cells));
  }
  return rows;
}

/// Skips the test where the data is absent.
fs::path published() {
  const fs::path folder = test::real_data_dir() / "crs-zeroshot";
  if (!fs::is_directory(folder)) WARN("skipped: there is no " << folder);
  return fs::is_directory(folder) ? folder : fs::path();
}

std::string joined(const Cells& cells, std::initializer_list<size_t> columns) {
  std::string key;
  for (const size_t column : columns) key += cells.at(column) + "|";
  return key;
}

}  // namespace

TEST_CASE("the published figures come out of the published links", "[score_answers][published]") {
  const fs::path folder = published();
  if (folder.empty()) return;
  const ScoreReport report = score_answers({.answers = {folder / "inspired/answers"}});
  CHECK(report.answers.size() == 8);
  test::TempDir out;
  test::write_text(out / "figures.tsv", figures_tsv(report.answers));
  std::map<std::string, Cells> ours;
  for (const Cells& row : read_table(out / "figures.tsv")) ours[joined(row, {0, 1, 2, 5, 6, 7, 8})] = row;
  const auto expected = read_table(folder / "inspired/expected_summary.tsv");
  REQUIRE(expected.size() == 1153);
  double largest = 0;
  for (size_t i = 1; i < expected.size(); ++i) {
    const Cells& own = ours.at(joined(expected[i], {0, 1, 2, 5, 6, 7, 8}));
    CHECK(own.at(9) == expected[i][9]);   // the mean has the same digits
    for (const size_t column : {10, 11})  // the last digits depend on the order of summation
      largest = std::max(largest, std::abs(std::stod(own.at(column)) - std::stod(expected[i][column])));
  }
  CHECK(largest < 1e-15);
}

TEST_CASE("the published ranks come out of the published links", "[score_answers][published]") {
  const fs::path folder = published();
  if (folder.empty()) return;
  const ScoreReport report = score_answers({.answers = {folder / "inspired/answers"}});
  const auto expected = read_table(folder / "inspired/expected_ranks.tsv");
  size_t i = 1, wrong = 0;
  for (const RankedAnswers& answers : report.answers)
    for (const TargetRanks& row : answers.rows) {
      REQUIRE(i < expected.size());
      const auto within = [](Rank rank) { return std::to_string(rank > 20 ? 0 : rank); };
      const Cells own = {answers.model,
                         answers.input,
                         std::to_string(row.turn),
                         std::to_string(row.target),
                         row.discussed ? "dis" : "rec",
                         within(row.ranks[0]),
                         within(row.ranks[1]),
                         within(row.ranks[2]),
                         within(row.ranks[3])};
      wrong += own == expected[i] ? 0 : 1;
      ++i;
    }
  CHECK(i == expected.size());
  CHECK(wrong == 0);
}

TEST_CASE("own links give the hits that fixed ties give", "[score_answers][published]") {
  const fs::path folder = published();
  if (folder.empty()) return;
  const ScoreReport report = score_answers({.answers = {folder / "inspired/answers"}, .links = LinkChoice::own});
  std::map<std::string, std::string> hits;
  test::TempDir out;
  test::write_text(out / "figures.tsv", figures_tsv(report.answers));
  for (const Cells& row : read_table(out / "figures.tsv"))
    if (row.at(7) == "recall") hits[joined(row, {0, 1, 2, 5, 6, 8})] = row.at(13);
  size_t checked = 0;
  for (const Cells& row : read_table(folder / "inspired/expected_hits.tsv")) {
    if (row.at(5) != "relinked") continue;
    for (const auto& [k, column] : {std::pair{"1|", 6}, {"5|", 7}, {"10|", 8}, {"20|", 9}}) {
      CAPTURE(joined(row, {0, 1, 2, 3, 4}), k);
      CHECK(hits.at(joined(row, {0, 1, 2, 3, 4}) + k) == row.at(column));
      ++checked;
    }
  }
  CHECK(checked == 384);
  CHECK_FALSE(says(report, "not those of rec_list"));
}

TEST_CASE("GPT-4's published ranks give its recall on the turns about MovieLens-1M", "[score_answers][published]") {
  const fs::path folder = published();
  if (folder.empty()) return;
  const auto figures = [&](int64_t history) {
    const ScoreReport report = score_answers({.answers = {folder / "redial/published_ranks.tsv.gz"},
                                              .among = folder / "redial/on_ml1m.jsonl.gz",
                                              .min_history = history});
    const Table table = figures_table(report.answers.at(0));
    for (const auto& row : table.rows)
      if (row[0] == "r4" && row[1] == "recommendation")
        return fmt::format("{} {} {} {} {}", row[2], row[3], row[4], row[5], row[8]);
    return std::string();
  };
  CHECK(figures(0) == "1223 0.0769 0.1913 0.2461 0.3066");
  CHECK(figures(1) == "613 0.0979 0.2382 0.2953 0.3524");
  CHECK(figures(2) == "285 0.1088 0.2807 0.3509 0.4000");
}
