// The score with text of all items, as a run recommends by it: that of the prior, or a mixture (score_mixture).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "datasets/data/histories.h"
#include "numerics/tensor/row_table.h"
#include "recommender/eval/score_mixture.h"
#include "recommender/model/intent_networks.h"

namespace latentcrs {

class TextScorer {
 public:
  explicit TextScorer(PriorNetwork prior, std::optional<ScoreMixture> mixture = std::nullopt, int64_t genres = 0);

  /// [V + 1, D]; D = d without a mixture.
  at::Tensor items() const;
  /// states [n, d], text [n, E], n histories, empty for users about whom nothing is known -> [n, D].
  at::Tensor vectors(const at::Tensor& states, const RowTable& text, const Histories& histories, int64_t block) const;
  /// None without a mixture.
  const std::optional<ScoreMixture>& mixture() const { return mixture_; }

 private:
  PriorNetwork prior_;
  std::optional<ScoreMixture> mixture_;
  int64_t genres_;  // coordinates of x that name genres
};

/// Σ_m p(m|u,x) (W_i c_m + b_i) without the user's state: states [n, d], text [n, E] -> [n, d].
at::Tensor vectors_by_intent(const PriorNetwork& prior, const at::Tensor& states, const RowTable& text, int64_t block);

}  // namespace latentcrs
