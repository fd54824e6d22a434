#include "language/answers/answer_figures.h"

#include <catch2/catch.hpp>
#include <cmath>

using namespace latentcrs;

namespace {

constexpr double kTiny = 1e-12;

/// Titles by their labels; below 0 one that is out of the vocabulary, of label -n.
std::vector<LinkedTitle> list_of(const std::vector<Label>& labels) {
  std::vector<LinkedTitle> list;
  for (const Label label : labels) list.push_back({label < 0 ? -label : label, label > 0});
  return list;
}

}  // namespace

TEST_CASE("the four results take out what is unknown and what was seen", "[answer_figures]") {
  const auto list = list_of({-5, 3, 4, -6, 7, 4});
  const std::vector<Label> seen = {3, 6};
  CHECK(ranks_in_answer(list, 7, seen) == ResultRanks{5, 3, 3, 2});  // r2 lacks 3 and 6, r3 lacks 5 and 6, r4 all three
  CHECK(ranks_in_answer(list, 4, seen) == ResultRanks{3, 2, 2, 1});  // its first place
  CHECK(ranks_in_answer(list, 3, seen) == ResultRanks{2, 0, 1, 0});
  CHECK(ranks_in_answer(list, 5, seen) == ResultRanks{1, 1, 0, 0});  // a far link is a hit where it is kept
  CHECK(ranks_in_answer(list, 8, seen) == ResultRanks{0, 0, 0, 0});
  CHECK(ranks_in_answer(std::vector<LinkedTitle>{{}}, kNoLabel, {}) == ResultRanks{0, 0, 0, 0});
}

TEST_CASE("values are recall, NDCG and MRR up to the cut-off", "[answer_figures]") {
  CHECK(answer_value("recall", 3, 5) == 1.0);
  CHECK(answer_value("ndcg", 3, 5) == Approx(0.5).margin(kTiny));  // 1 / log2(4)
  CHECK(answer_value("mrr", 3, 5) == Approx(1.0 / 3).margin(kTiny));
  CHECK(answer_value("recall", 6, 5) == 0.0);
  CHECK(answer_value("mrr", 0, 5) == 0.0);
}

TEST_CASE("the errors are those of rows and of dialogues", "[answer_figures]") {
  const std::vector<double> values = {1, 1, 0, 0};
  const AnswerFigure figure = answer_figure(values, std::vector<std::string>{"a", "a", "b", "c"});
  CHECK(figure.mean == 0.5);
  // Squares add up to 1; 1/3 is the variance, and its root goes by the root of 4.
  CHECK(figure.se == Approx(std::sqrt(1.0 / 3) / 2).margin(kTiny));
  CHECK(figure.ci() == Approx(1.96 * std::sqrt(1.0 / 3) / 2).margin(kTiny));
  // Sums by dialogue are 1, -0.5, -0.5, their squares 1.5; times 3/2; the root goes by 4.
  CHECK(figure.dialogues == 3);
  CHECK(figure.se_dialogue == Approx(std::sqrt(1.5 * 3 / 2) / 4).margin(kTiny));
}

TEST_CASE("with one row a dialogue both errors are the same", "[answer_figures]") {
  const std::vector<double> values = {0.5, 1, 0, 0.25, 0};
  const AnswerFigure figure = answer_figure(values, std::vector<std::string>{"a", "b", "c", "d", "e"});
  CHECK(figure.se_dialogue == Approx(figure.se).margin(kTiny));
}

TEST_CASE("what cannot be told is no number", "[answer_figures]") {
  CHECK(std::isnan(answer_figure({}, {}).mean));
  const std::vector<double> values = {1, 0};
  const AnswerFigure unknown = answer_figure(values, std::vector<std::string>{"a", ""});
  CHECK(std::isnan(unknown.se_dialogue));
  CHECK(unknown.dialogues == 0);
  const AnswerFigure one = answer_figure(std::vector<double>{1.0}, std::vector<std::string>{"a"});
  CHECK(std::isnan(one.se));
  CHECK(std::isnan(one.se_dialogue));
}

TEST_CASE("the table of all figures has the published columns first", "[answer_figures]") {
  const RankedAnswers answers{
      .model = "m", .input = "p2", .links = "own", .rows = {{.dialogue = "d", .ranks = {2, 2, 1, 1}}}};
  const std::string tsv = figures_tsv(std::vector{answers});
  CHECK(
      tsv.starts_with("model\tinput\tresult\tout_of_vocabulary\tseen\tcondition\ttargets\tmetric\tk\tmean\tse\tci\t"));
  CHECK(tsv.find("m\tp2\tr1\tkept\tkept\trecommendation\t1\tmrr\t5\t0.5\t\t\town\t1\t1\t\t\n") != std::string::npos);
  CHECK(tsv.find("m\tp2\tr4\tleft out\tleft out\tall\t1\trecall\t1\t1.0\t\t\town\t1\t1\t\t\n") != std::string::npos);
  CHECK(tsv.find("m\tp2\tr1\tkept\tkept\tdiscussion\t0\trecall\t1\t\t\t\town\t0\t\t\t\n") != std::string::npos);
}
