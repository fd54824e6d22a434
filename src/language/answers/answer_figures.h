// The figures of ranked answers: recall, NDCG and MRR with their intervals, as the published evaluation gives them and
// by dialogue.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/table.h"
#include "language/answers/answer_ranks.h"

namespace latentcrs {

enum class Condition { recommendation, discussion, all };
inline constexpr std::array<std::string_view, 3> kConditionNames = {"recommendation", "discussion", "all"};
inline constexpr std::array<std::string_view, 3> kAnswerMetrics = {"recall", "ndcg", "mrr"};
inline constexpr std::array kAnswerCutoffs = {1, 5, 10, 20};

/// A mean over rows with its errors.
struct AnswerFigure {
  double mean = 0;
  double se = 0;          ///< as published: the sample deviation (n - 1) by the root of n; NaN for one row
  int64_t dialogues = 0;  ///< G; 0 where a row's dialogue is unknown
  double se_dialogue =
      0;  ///< with G/(G - 1) Σ_g (Σ_{i in g} (x_i - mean))² under the root, by n; NaN without dialogues

  double ci() const { return kNormal95 * se; }
  double ci_dialogue() const { return kNormal95 * se_dialogue; }
  static constexpr double kNormal95 = 1.96;
};

/// The value of a rank: recall is 1, ndcg 1/log2(rank + 1) and mrr 1/rank for a rank in [1, k], 0 for others.
double answer_value(std::string_view metric, Rank rank, int k);

/// The mean of `values`, one for each row, and its errors; dialogues [n] may repeat. All is NaN without rows.
AnswerFigure answer_figure(std::span<const double> values, std::span<const std::string> dialogues);

/// A line for each result, condition, metric and cut-off: the twelve columns of the published summaries (model, input,
/// result, out_of_vocabulary, seen, condition, targets, metric, k, mean, se, ci), then links, hits, dialogues,
/// se_by_dialogue and ci_by_dialogue. Numbers have all their digits.
std::string figures_tsv(std::span<const RankedAnswers> answers);

/// The figures that are looked at first, a row for each result and condition.
Table figures_table(const RankedAnswers& answers);

}  // namespace latentcrs
