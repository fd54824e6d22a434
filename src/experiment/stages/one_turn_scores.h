// The scores of the one-turn tables: what each of them multiplies.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "base/config/config.h"
#include "base/metrics/one_turn.h"
#include "datasets/data/interactions.h"
#include "recommender/eval/em_scores.h"
#include "recommender/eval/text_scorer.h"
#include "recommender/model/intent_networks.h"

namespace latentcrs {

/// A score of all items for all users: row i of `users` [n, D] times row y of `items` [V + 1, D].
struct ScoreVectors {
  std::string name;
  at::Tensor users, items;
  bool reads_text = false;  ///< a user without a text is a miss
};

/// The averages over users that the rows without a model of the user rank by.
struct PopulationAverages {
  std::vector<double> counts;  ///< [V + 1] of each item in training
  at::Tensor state;            ///< [1, d] mean state of the histories that EM was trained on
};

/// The weights of evaluate.baselines with the names of their rows, made once for all splits.
std::vector<ScoreVectors> baseline_weights(const Interactions& interactions, const DenseItems& items,
                                           const EvaluateOptions& options);

/// What one_turn_scores() ranks by.
struct OneTurnModel {
  const EmNetworks& networks;
  const TextScorer& scorer;
};

/// n histories without an item.
Histories empty_histories(int64_t n);

/// Every row of a table, in its order: the networks' scores, popularity, `baselines`, the controls. users.seen has what
/// baselines and a mixture score by.
std::vector<ScoreVectors> one_turn_scores(const OneTurnModel& model, const OneTurnUsers& users,
                                          const PopulationAverages& averages,
                                          const std::vector<ScoreVectors>& baselines, const Config& config);

/// The rows of a table with each treatment of the items seen.
struct TreatedRows {
  std::vector<RankedRow> kept, left_out;

  const std::vector<RankedRow>& with(SeenItems seen) const { return seen == SeenItems::keep ? kept : left_out; }
};
/// The ranks by every score, 0 where it reads a text that is missing. options.seen_items does not count.
TreatedRows ranked_rows(const std::vector<ScoreVectors>& scores, const OneTurnUsers& users,
                        const OneTurnOptions& options);

}  // namespace latentcrs
