#include "recommender/eval/text_scorer.h"

#include <ATen/core/grad_mode.h>

#include <utility>

#include "numerics/linalg/products.h"
#include "recommender/eval/em_scores.h"

namespace latentcrs {

at::Tensor vectors_by_intent(const PriorNetwork& prior, const at::Tensor& states, const RowTable& text, int64_t block) {
  const at::NoGradGuard no_grad;
  return matrix_product(intent_distribution(prior, states, text, block), prior->item_vectors());
}

TextScorer::TextScorer(PriorNetwork prior, std::optional<ScoreMixture> mixture, int64_t genres)
    : prior_(std::move(prior)), mixture_(std::move(mixture)), genres_(genres) {}

at::Tensor TextScorer::items() const { return mixture_ ? mixture_->items() : prior_->item_table().detach(); }

at::Tensor TextScorer::vectors(const at::Tensor& states, const RowTable& text, const Histories& histories,
                               int64_t block) const {
  if (!mixture_) return with_text_vectors(prior_, states, text, block);
  const at::NoGradGuard no_grad;
  return mixture_->with_text({.by_intent = vectors_by_intent(prior_, states, text, block),
                              .genres = named_genres(text, genres_),
                              .histories = &histories});
}

}  // namespace latentcrs
