#include "recommender/eval/text_scorer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <utility>

#include "numerics/linalg/products.h"
#include "recommender/eval/em_scores.h"

namespace latentcrs {

at::Tensor vectors_by_intent(const PriorNetwork& prior, const at::Tensor& states, const RowTable& text, int64_t block) {
  const at::NoGradGuard no_grad;
  return matrix_product(intent_distribution(prior, states, text, block), prior->item_vectors());
}

SaidWords SaidWords::reordered(const std::vector<int64_t>& rows, std::vector<std::string>& store) const {
  store.clear();
  if (!words.empty())
    for (const int64_t row : rows) store.push_back(words[static_cast<size_t>(row)]);
  return {.text = text.reordered(rows), .words = store};
}

TextScorer::TextScorer(PriorNetwork prior, std::optional<ScoreMixture> mixture, int64_t genres, FindNamedItems named)
    : prior_(std::move(prior)), mixture_(std::move(mixture)), genres_(genres), named_(std::move(named)) {}

at::Tensor TextScorer::items() const { return mixture_ ? mixture_->items() : prior_->item_table().detach(); }

/// [n, V + 1] as MixtureUsers::named; undefined where nobody is named.
at::Tensor TextScorer::named_items(std::span<const std::string> words) const {
  at::Tensor named;
  if (!named_) return named;
  const auto n = static_cast<int64_t>(words.size()), rows = mixture_->items().size(0);
  for (int64_t i = 0; i < n; ++i)
    for (const NamedItem& one : named_(words[static_cast<size_t>(i)])) {
      if (!named.defined()) named = at::zeros({n, rows}, at::kFloat);
      named.data_ptr<float>()[i * rows + one.item] += one.people;
    }
  return named;
}

at::Tensor TextScorer::vectors(const at::Tensor& states, const SaidWords& said, const Histories& histories,
                               int64_t block) const {
  if (!mixture_) return with_text_vectors(prior_, states, said.text, block);
  const at::NoGradGuard no_grad;
  return mixture_->with_text({.by_intent = vectors_by_intent(prior_, states, said.text, block),
                              .genres = named_genres(said.text, genres_),
                              .histories = &histories,
                              .named = named_items(said.words)});
}

}  // namespace latentcrs
