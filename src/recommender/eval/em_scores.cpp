#include "recommender/eval/em_scores.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include "base/util/error.h"
#include "base/util/profile.h"
#include "numerics/parallel/row_blocks.h"
#include "numerics/tensor/tensor_file.h"
#include "recommender/eval/sampled_ranks.h"

namespace latentcrs {

namespace {

Candidates candidates_of(const OneTurnUsers& users, const OneTurnOptions& options) {
  Candidates candidates;
  if (!options.rank_non_items) candidates.non_items = {0};
  if (options.seen_items == SeenItems::mask) {
    const auto all = static_cast<int64_t>(users.targets.size());
    if (users.seen == nullptr || users.seen->size() != all)
      throw internal_error(fmt::format("the items seen are known of {} of {} users",
                                       users.seen == nullptr ? 0 : users.seen->size(), all));
    candidates.excluded = [seen = users.seen](int64_t user) { return seen->of(user); };
  }
  return candidates;
}

void require_finite(const at::Tensor& vectors) {
  const at::Tensor bad = at::isfinite(vectors).all(1).logical_not().nonzero();
  if (bad.numel() > 0)
    throw numeric_error(
        fmt::format("the scores of {} of {} users are not finite (first: user {} of the split): check the "
                    "weights and the embeddings",
                    bad.size(0), vectors.size(0), bad[0].item<int64_t>()));
}

}  // namespace

at::Tensor intent_distribution(const PriorNetwork& prior, const at::Tensor& states, const RowTable& text,
                               int64_t block) {
  const profile::Scope scope("p(m|u,x)");
  const at::NoGradGuard no_grad;
  Dropout off = Dropout::off();
  const at::Tensor centres = prior->item_vectors();  // [K, d]
  at::Tensor p = at::empty({states.size(0), centres.size(0)}, centres.options());
  fill_in_blocks(Processes::current(), p, block, [&](int64_t begin, int64_t end) {
    const at::Tensor part = text.block(begin, end);
    const at::Tensor of_block = prior->p_m(states.slice(0, begin, end), part, off);
    release_pages(part);
    return of_block;
  });
  return p;
}

at::Tensor with_text_vectors(const PriorNetwork& prior, const at::Tensor& states, const RowTable& text, int64_t block) {
  const at::NoGradGuard no_grad;
  return prior->user_vectors(intent_distribution(prior, states, text, block), states);
}

std::vector<Rank> rank_by_vectors(const at::Tensor& vectors, const at::Tensor& items, const OneTurnUsers& users,
                                  const OneTurnOptions& options) {
  require_finite(vectors);
  if (users.negatives.defined()) return rank_among(vectors, items, users.targets, users.negatives);
  return rank_targets(vectors, items.detach(), users.targets, candidates_of(users, options));
}

BothRanks rank_by_vectors_both_ways(const at::Tensor& vectors, const at::Tensor& items, const OneTurnUsers& users,
                                    const OneTurnOptions& options) {
  require_finite(vectors);
  if (users.negatives.defined()) {
    const std::vector<Rank> ranks = rank_among(vectors, items, users.targets, users.negatives);
    return {.left_out = ranks, .kept = ranks};
  }
  OneTurnOptions masked = options;
  masked.seen_items = SeenItems::mask;
  return rank_targets_both_ways(vectors, items.detach(), users.targets, candidates_of(users, masked));
}

std::vector<std::vector<int32_t>> top_k_by_vectors(const at::Tensor& vectors, const at::Tensor& items, int k,
                                                   const OneTurnUsers& users, const OneTurnOptions& options) {
  return top_k(vectors, items, k, candidates_of(users, options));
}

std::vector<Rank> rank_with_text(const PriorNetwork& prior, const OneTurnUsers& users, const OneTurnOptions& options) {
  std::vector<Rank> ranks = rank_by_vectors(with_text_vectors(prior, users.prior_states, users.text, options.block),
                                            prior->item_table(), users, options);
  for (size_t i = 0; i < ranks.size(); ++i)
    if (users.has_text[i] == 0) ranks[i] = 0;
  return ranks;
}

std::vector<Rank> rank_without_text(const PosteriorNetwork& posterior, const OneTurnUsers& users,
                                    const OneTurnOptions& options) {
  const at::NoGradGuard no_grad;
  const at::Tensor vectors = posterior->user_vectors(posterior->q_m(users.posterior_states));
  return rank_by_vectors(vectors, posterior->item_table(), users, options);
}

std::vector<Rank> rank_sequence_only(const PriorNetwork& prior, const OneTurnUsers& users,
                                     const OneTurnOptions& options) {
  return rank_by_vectors(users.prior_states, prior->item_table(), users, options);
}

std::vector<Rank> rank_by_item_score(std::span<const double> scores, const OneTurnUsers& users,
                                     const OneTurnOptions& options) {
  if (users.negatives.defined()) return rank_among_by_score(scores, users.targets, users.negatives);
  return rank_targets_by_score(scores, users.targets, candidates_of(users, options));
}

std::vector<std::vector<int32_t>> top_k_with_text(const PriorNetwork& prior, const at::Tensor& states,
                                                  const RowTable& text, int k, const Candidates& candidates) {
  const at::NoGradGuard no_grad;
  return top_k(with_text_vectors(prior, states, text, states.size(0)), prior->item_table().detach(), k, candidates);
}

}  // namespace latentcrs
