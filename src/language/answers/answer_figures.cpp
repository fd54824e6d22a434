#include "language/answers/answer_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <unordered_map>

namespace latentcrs {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// The sum in NumPy's order (blocks of eight sums, halves above 128 values), so that means have the published bits.
double numpy_sum(std::span<const double> values) {
  constexpr size_t lanes = 8, block = 128;
  if (values.size() > block) {
    const size_t half = values.size() / 2 - values.size() / 2 % lanes;
    return numpy_sum(values.first(half)) + numpy_sum(values.subspan(half));
  }
  double rest = 0;
  size_t i = 0;
  if (values.size() >= lanes) {
    std::array<double, lanes> sums = {};
    for (; i + lanes <= values.size(); i += lanes)
      for (size_t lane = 0; lane < lanes; ++lane) sums[lane] += values[i + lane];
    rest = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
  }
  for (; i < values.size(); ++i) rest += values[i];
  return rest;
}

double error_by_dialogue(std::span<const double> values, std::span<const std::string> dialogues, AnswerFigure& figure) {
  std::unordered_map<std::string_view, size_t> place;
  std::vector<double> sums;
  for (size_t i = 0; i < values.size(); ++i) {
    if (dialogues[i].empty()) return kNaN;
    const auto [found, is_new] = place.try_emplace(dialogues[i], sums.size());
    if (is_new) sums.push_back(0);
    sums[found->second] += values[i] - figure.mean;
  }
  figure.dialogues = static_cast<int64_t>(sums.size());
  double squares = 0;
  for (const double sum : sums) squares += sum * sum;
  const double groups = static_cast<double>(sums.size());
  return groups < 2 ? kNaN : std::sqrt(squares * groups / (groups - 1)) / static_cast<double>(values.size());
}

/// The rows of a condition.
struct ConditionRows {
  std::vector<const TargetRanks*> rows;
  std::vector<std::string> dialogues;
};

ConditionRows rows_of(const RankedAnswers& answers, Condition condition) {
  ConditionRows chosen;
  for (const TargetRanks& row : answers.rows) {
    if (condition != Condition::all && row.discussed != (condition == Condition::discussion)) continue;
    chosen.rows.push_back(&row);
    chosen.dialogues.push_back(row.dialogue);
  }
  return chosen;
}

AnswerFigure figure_of(const ConditionRows& chosen, size_t kind, std::string_view metric, int k) {
  std::vector<double> values;
  for (const TargetRanks* row : chosen.rows) values.push_back(answer_value(metric, row->ranks[kind], k));
  return answer_figure(values, chosen.dialogues);
}

/// A number with all its digits as Python prints it, "0.0" for 0; "" where there is none.
std::string digits(double value) {
  if (std::isnan(value)) return "";
  const std::string text = fmt::format("{}", value);
  return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
}

std::string share(double value) { return std::isnan(value) ? "-" : fmt::format("{:.4f}", value); }

const char* kept(bool keeps) { return keeps ? "kept" : "left out"; }

}  // namespace

double answer_value(std::string_view metric, Rank rank, int k) {
  if (rank < 1 || rank > k) return 0.0;
  if (metric == "recall") return 1.0;
  return metric == "ndcg" ? 1.0 / std::log2(rank + 1.0) : 1.0 / rank;
}

AnswerFigure answer_figure(std::span<const double> values, std::span<const std::string> dialogues) {
  const double n = static_cast<double>(values.size());
  if (values.empty()) return {.mean = kNaN, .se = kNaN, .se_dialogue = kNaN};
  AnswerFigure figure{.mean = numpy_sum(values) / n};
  std::vector<double> squares;
  for (const double value : values) squares.push_back((value - figure.mean) * (value - figure.mean));
  figure.se = n < 2 ? kNaN : std::sqrt(numpy_sum(squares) / (n - 1)) / std::sqrt(n);
  figure.se_dialogue = error_by_dialogue(values, dialogues, figure);
  return figure;
}

std::string figures_tsv(std::span<const RankedAnswers> answers) {
  std::string text =
      "model\tinput\tresult\tout_of_vocabulary\tseen\tcondition\ttargets\tmetric\tk\tmean\tse\tci\tlinks\thits\t"
      "dialogues\tse_by_dialogue\tci_by_dialogue\n";
  for (const RankedAnswers& model : answers)
    for (size_t kind = 0; kind < kResultKinds.size(); ++kind)
      for (size_t condition = 0; condition < kConditionNames.size(); ++condition) {
        const ConditionRows chosen = rows_of(model, static_cast<Condition>(condition));
        for (const int k : kAnswerCutoffs)
          for (const std::string_view metric : kAnswerMetrics) {
            const AnswerFigure figure = figure_of(chosen, kind, metric, k);
            const auto hits = std::count_if(chosen.rows.begin(), chosen.rows.end(), [&](const TargetRanks* row) {
              return row->ranks[kind] >= 1 && row->ranks[kind] <= k;
            });
            text += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", model.model,
                                model.input, kResultKinds[kind].name, kept(kResultKinds[kind].keeps_unknown),
                                kept(kResultKinds[kind].keeps_seen), kConditionNames[condition], chosen.rows.size(),
                                metric, k, digits(figure.mean), digits(figure.se), digits(figure.ci()), model.links,
                                hits, figure.dialogues > 0 ? std::to_string(figure.dialogues) : "",
                                digits(figure.se_dialogue), digits(figure.ci_dialogue()));
          }
      }
  return text;
}

Table figures_table(const RankedAnswers& answers) {
  std::set<std::string> dialogues;
  std::set<int64_t> turns;
  for (const TargetRanks& row : answers.rows) {
    turns.insert(row.turn);
    if (!row.dialogue.empty()) dialogues.insert(row.dialogue);
  }
  Table table{
      .title = fmt::format("{}, {}: {} targets of {} turns{}", answers.model, answers.input, answers.rows.size(),
                           turns.size(), dialogues.empty() ? "" : fmt::format(" in {} dialogues", dialogues.size())),
      .rows = {{"result", "condition", "targets", "recall@1", "recall@5", "recall@10", "±95%", "by dialogue",
                "recall@20", "NDCG@10", "±95%", "by dialogue", "MRR@10"}}};
  if (!answers.links.empty()) table.title += fmt::format(", {} links", answers.links);
  for (size_t kind = 0; kind < kResultKinds.size(); ++kind)
    for (size_t condition = 0; condition < kConditionNames.size(); ++condition) {
      const ConditionRows chosen = rows_of(answers, static_cast<Condition>(condition));
      if (chosen.rows.empty()) continue;
      const auto mean = [&](std::string_view metric, int k) { return share(figure_of(chosen, kind, metric, k).mean); };
      const AnswerFigure recall = figure_of(chosen, kind, "recall", 10), ndcg = figure_of(chosen, kind, "ndcg", 10);
      table.rows.push_back({std::string(kResultKinds[kind].name), std::string(kConditionNames[condition]),
                            std::to_string(chosen.rows.size()), mean("recall", 1), mean("recall", 5),
                            share(recall.mean), share(recall.ci()), share(recall.ci_dialogue()), mean("recall", 20),
                            share(ndcg.mean), share(ndcg.ci()), share(ndcg.ci_dialogue()), mean("mrr", 10)});
    }
  return table;
}

}  // namespace latentcrs
