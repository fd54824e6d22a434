#include "experiment/stages/one_turn_scores.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <utility>

#include "base/metrics/one_turn.h"
#include "base/util/random.h"
#include "recommender/eval/baselines.h"

namespace latentcrs {

namespace {

/// The score with text where each user speaks with somebody else's words, or comes with somebody else's history. The
/// user's own history is left out of the candidates where histories are.
void add_controls(const TextScorer& scorer, const OneTurnUsers& users, const Config& config,
                  std::vector<ScoreVectors>& scores) {
  const auto other = [&](const char* what, std::span<const uint8_t> among) {
    return somebody_else(among, derive_seed(static_cast<uint64_t>(config.random_seed), what));
  };
  const std::vector<uint8_t> everybody(users.has_text.size(), 1);
  const int64_t block = config.em.eval_batch_size;
  const SaidWords said{.text = users.text, .words = users.words};
  std::vector<std::string> store;
  const SaidWords of_other = said.reordered(other("evaluate.other_text", users.has_text), store);
  scores.push_back(
      {"other's text", scorer.vectors(users.prior_states, of_other, *users.seen, block), scorer.items(), true});
  const std::vector<int64_t> of_others = other("evaluate.other_history", everybody);
  Histories histories;
  for (const int64_t user : of_others) histories.add(users.seen->of(user));
  const at::Tensor states =
      users.prior_states.index_select(0, at::tensor(of_others, at::kLong).to(users.prior_states.device()));
  scores.push_back({"other's history", scorer.vectors(states, said, histories, block), scorer.items(), true});
}

}  // namespace

std::vector<ScoreVectors> baseline_weights(const Interactions& interactions, const DenseItems& items,
                                           const EvaluateOptions& options) {
  std::vector<ScoreVectors> weights;
  if (options.baselines.empty()) return weights;
  check_baseline_size(interactions.num_users(), items.size());
  const CoOccurrence pairs(user_items(interactions, items, ItemsOfUsers::training), items.size());
  for (const std::string& name : options.baselines) {
    if (name == "item_cosine")
      weights.push_back({"item cosine", {}, item_cosine_weights(pairs, options.item_cosine_neighbours)});
    if (name == "ease") weights.push_back({"EASE", {}, ease_weights(pairs, options.ease_weight)});
  }
  return weights;
}

Histories empty_histories(int64_t n) {
  Histories histories;
  for (int64_t i = 0; i < n; ++i) histories.add({});
  return histories;
}

std::vector<ScoreVectors> one_turn_scores(const OneTurnModel& model, const OneTurnUsers& users,
                                          const PopulationAverages& averages,
                                          const std::vector<ScoreVectors>& baselines, const Config& config) {
  const at::NoGradGuard no_grad;
  const int64_t block = config.em.eval_batch_size, n = users.prior_states.size(0);
  const auto& [networks, scorer] = model;
  const at::Tensor items = networks.prior->item_table().detach();
  const at::Tensor strangers = averages.state.expand_as(users.prior_states);
  const SaidWords said{.text = users.text, .words = users.words};
  const PosteriorNetwork& posterior = networks.posterior;
  const at::Tensor counts = at::tensor(averages.counts, at::kFloat).to(items.device()).unsqueeze(1);
  std::vector<ScoreVectors> scores = {
      {"with text", scorer.vectors(users.prior_states, said, *users.seen, block), scorer.items(), true},
      {"without text", posterior->user_vectors(posterior->q_m(users.posterior_states)),
       posterior->item_table().detach()},
      {"sequence only", users.prior_states, items},
      {"text only", scorer.vectors(strangers, said, empty_histories(n), block), scorer.items(), true},
      {"popularity", at::ones({n, 1}, counts.options()), counts}};
  if (scorer.mixture())
    scores.push_back({"mixture without text", scorer.mixture()->without_text(*users.seen), scorer.items()});
  if (!baselines.empty()) {
    const at::Tensor histories = history_matrix(*users.seen, items.size(0));
    for (const ScoreVectors& baseline : baselines) scores.push_back({baseline.name, histories, baseline.items});
  }
  if (config.evaluate.controls) add_controls(scorer, users, config, scores);
  return scores;
}

TreatedRows ranked_rows(const std::vector<ScoreVectors>& scores, const OneTurnUsers& users,
                        const OneTurnOptions& options) {
  TreatedRows rows;
  for (const ScoreVectors& score : scores) {
    BothRanks ranks = rank_by_vectors_both_ways(score.users, score.items, users, options);
    for (std::vector<Rank>* of : {&ranks.kept, &ranks.left_out})
      for (size_t i = 0; i < of->size(); ++i)
        if (score.reads_text && users.has_text[i] == 0) (*of)[i] = 0;
    rows.kept.push_back({score.name, std::move(ranks.kept)});
    rows.left_out.push_back({score.name, std::move(ranks.left_out)});
  }
  return rows;
}

}  // namespace latentcrs
