// The score with text of all items, as a run recommends by it: that of the prior, or a mixture (score_mixture).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "datasets/data/histories.h"
#include "numerics/tensor/row_table.h"
#include "recommender/eval/score_mixture.h"
#include "recommender/model/intent_networks.h"

namespace latentcrs {

/// What n users say: the vectors x of their words [n, E], and the words themselves, in which people are looked for.
struct SaidWords {
  RowTable text;
  std::span<const std::string> words = {};  ///< [n]; empty: nobody is named

  /// What users rows[i] say, for each i; `store` keeps the words.
  SaidWords reordered(const std::vector<int64_t>& rows, std::vector<std::string>& store) const;
};

/// An item of somebody whom words name: how many such people it has, less those whom the words turn down.
struct NamedItem {
  int32_t item = 0;  ///< dense id
  float people = 0;
};
using FindNamedItems = std::function<std::vector<NamedItem>(const std::string& words)>;

class TextScorer {
 public:
  /// `genres`: coordinates of x that name genres. `named`: finds the people for the mixture; empty: names do not count.
  explicit TextScorer(PriorNetwork prior, std::optional<ScoreMixture> mixture = std::nullopt, int64_t genres = 0,
                      FindNamedItems named = {});

  /// [V + 1, D]; D = d without a mixture.
  at::Tensor items() const;
  /// states [n, d], what n users say, n histories, empty for users about whom nothing is known -> [n, D].
  at::Tensor vectors(const at::Tensor& states, const SaidWords& said, const Histories& histories, int64_t block) const;
  /// Whether the words of users count beside their vectors.
  bool hears_names() const { return mixture_ && named_; }
  /// None without a mixture.
  const std::optional<ScoreMixture>& mixture() const { return mixture_; }

 private:
  at::Tensor named_items(std::span<const std::string> words) const;

  PriorNetwork prior_;
  std::optional<ScoreMixture> mixture_;
  int64_t genres_;
  FindNamedItems named_;
};

/// Σ_m p(m|u,x) (W_i c_m + b_i) without the user's state: states [n, d], text [n, E] -> [n, d].
at::Tensor vectors_by_intent(const PriorNetwork& prior, const at::Tensor& states, const RowTable& text, int64_t block);

}  // namespace latentcrs
