#include "service/api/batch_ranking.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <utility>

#include "base/util/text.h"
#include "recommender/eval/em_scores.h"

namespace latentcrs {

namespace {

/// Rows that are no candidates: the padding and, with a choice of items, all others.
std::vector<int64_t> rows_beside(const std::vector<int32_t>& among, int64_t rows) {
  std::vector<int64_t> beside = {0};
  if (among.empty()) return beside;
  std::vector<uint8_t> chosen(static_cast<size_t>(rows), 0);
  for (const int32_t item : among) chosen[static_cast<size_t>(item)] = 1;
  for (int64_t row = 1; row < rows; ++row)
    if (chosen[static_cast<size_t>(row)] == 0) beside.push_back(row);
  return beside;
}

/// Users of one kind, with text or without: their places among all, and what they are ranked by.
struct UserGroup {
  std::vector<int64_t> users;
  at::Tensor vectors;   ///< [users, D]
  at::Tensor items;     ///< [V, D]: what ranks them
  at::Tensor exported;  ///< [users, d] of the network alone: the vectors, unless the run mixes scores
};

UserGroup group_of(std::span<const UserQuery> users, bool with_text) {
  UserGroup group;
  for (size_t i = 0; i < users.size(); ++i)
    if (is_blank(users[i].utterance) != with_text) group.users.push_back(static_cast<int64_t>(i));
  return group;
}

UserGroup without_text(const OpenedRun& run, std::span<const UserQuery> users, const at::Tensor& states) {
  UserGroup group = group_of(users, false);
  const PosteriorNetwork& posterior = run.networks().posterior;
  group.items = posterior->item_table().detach();
  const at::Tensor rows = at::tensor(group.users, at::kLong).to(states.device());
  group.vectors = group.exported = posterior->user_vectors(posterior->q_m(states.index_select(0, rows)));
  return group;
}

UserGroup with_text(const OpenedRun& run, std::span<const UserQuery> users, const at::Tensor& states) {
  UserGroup group = group_of(users, true);
  const TextScorer& scorer = run.scorer();
  group.items = scorer.items();
  if (group.users.empty()) return group;
  const at::Tensor rows = at::tensor(group.users, at::kLong).to(states.device());
  const int64_t block = run.config().em.eval_batch_size;
  std::vector<std::string> texts;
  Histories histories;
  for (const int64_t i : group.users) {
    texts.push_back(users[static_cast<size_t>(i)].utterance);
    histories.add(users[static_cast<size_t>(i)].history);
  }
  const at::Tensor own = states.index_select(0, rows), text = run.embed(texts);
  group.vectors = scorer.vectors(own, {.text = text, .words = texts}, histories, block);
  group.exported = scorer.mixture() ? with_text_vectors(run.networks().prior, own, text, block) : group.vectors;
  return group;
}

}  // namespace

BatchRanking rank_users(const OpenedRun& run, std::span<const UserQuery> users, const BatchRankOptions& options) {
  const at::NoGradGuard no_grad;
  if (users.empty()) return {};
  std::vector<std::vector<int32_t>> histories;
  for (const UserQuery& user : users) histories.push_back(user.history);
  const UserState states = run.states_of(histories);
  BatchRanking ranking{.best = std::vector<std::vector<ScoredRow>>(users.size()),
                       .states = states.prior.cpu(),
                       .vectors = at::empty_like(states.prior)};
  for (const UserGroup& group : {without_text(run, users, states.posterior), with_text(run, users, states.prior)}) {
    if (group.users.empty()) continue;
    Candidates candidates{.non_items = rows_beside(options.among, group.items.size(0))};
    if (options.leaves_out_history)
      candidates.excluded = [&users, &group](int64_t i) {
        const auto user = static_cast<size_t>(group.users[static_cast<size_t>(i)]);
        return std::span<const int32_t>(users[user].history);
      };
    std::vector<std::vector<ScoredRow>> best = top_k_scored(group.vectors, group.items, options.k, candidates);
    for (size_t i = 0; i < best.size(); ++i) ranking.best[static_cast<size_t>(group.users[i])] = std::move(best[i]);
    ranking.vectors.index_copy_(0, at::tensor(group.users, at::kLong).to(group.exported.device()), group.exported);
  }
  ranking.vectors = ranking.vectors.cpu();
  return ranking;
}

std::vector<ScoredRow> nearest_to_item(const OpenedRun& run, int32_t item, int k, const std::vector<int32_t>& among) {
  const at::NoGradGuard no_grad;
  const at::Tensor items = run.networks().prior->item_table().detach();
  const at::Tensor norms = items.norm(2, /*dim=*/1, /*keepdim=*/true).clamp_min(1e-12);
  const at::Tensor directions = items / norms;
  const std::vector<int32_t> itself = {item};
  Candidates candidates{.non_items = rows_beside(among, items.size(0))};
  candidates.excluded = [&itself](int64_t) { return std::span<const int32_t>(itself); };
  return top_k_scored(directions.slice(0, item, item + 1).contiguous(), directions, k, candidates).front();
}

}  // namespace latentcrs
