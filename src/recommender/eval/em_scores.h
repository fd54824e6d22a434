// One-turn recommendation with the two networks (docs/method.md, sections 7 and 9). Each score of all items is a user
// vector times the item table, so ranking needs no [B, K, V] tensor.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/config/evaluate_options.h"
#include "numerics/tensor/row_table.h"
#include "recommender/eval/ranker.h"
#include "recommender/model/intent_networks.h"
#include "recommender/model/user_states.h"

namespace latentcrs {

/// The users of a split. States and text lie on the networks' device.
struct OneTurnUsers {
  at::Tensor posterior_states, prior_states;  ///< h_u of the networks' own encoders, [n, d]
  RowTable text;  ///< x [n, E], any floating type; mapped files are read block by block and not kept in memory
  std::span<const std::string> words = {};  ///< [n] the words of x, where names in them count; else empty
  std::span<const int32_t> targets;         ///< [n] dense ids
  std::span<const uint8_t> has_text;        ///< [n] 0 where the user's reply is missing: a miss with text
  const Histories* seen = nullptr;          ///< [n] all that each had before the target; needed by SeenItems::mask
  at::Tensor negatives = {};                ///< [n, N]: ranks are among them and the target; undefined: all items
};

struct OneTurnOptions {
  SeenItems seen_items = SeenItems::keep;
  bool rank_non_items = false;  ///< row 0 is a candidate too (compat.rank_non_items)
  int64_t block = 1024;         ///< users scored at once; with GateScope::batch they share a gate
};

/// p(m|u,x) of all users, [n, K]; `text` has n rows.
at::Tensor intent_distribution(const PriorNetwork& prior, const at::Tensor& states, const RowTable& text,
                               int64_t block);
/// Σ_m p(m|u,x) (W_i c_m + b_i) of all users, [n, d].
at::Tensor with_text_vectors(const PriorNetwork& prior, const at::Tensor& states, const RowTable& text, int64_t block);

/// Ranks of the targets, by p(m|u,x) and r_m(y); by s_q(y|u); by h_u alone. Throws Error(internal) if SeenItems::mask
/// lacks the items seen of some user.
std::vector<Rank> rank_with_text(const PriorNetwork& prior, const OneTurnUsers& users, const OneTurnOptions& options);
std::vector<Rank> rank_without_text(const PosteriorNetwork& posterior, const OneTurnUsers& users,
                                    const OneTurnOptions& options);
std::vector<Rank> rank_sequence_only(const PriorNetwork& prior, const OneTurnUsers& users,
                                     const OneTurnOptions& options);

/// Ranks by the product of vectors [n, D] with items [V + 1, D]: what the three functions above compute theirs with.
/// Throws Error(numeric) for vectors that are not finite, and as they do.
std::vector<Rank> rank_by_vectors(const at::Tensor& vectors, const at::Tensor& items, const OneTurnUsers& users,
                                  const OneTurnOptions& options);
/// The same with both treatments of the items seen, from one pass over the scores; options.seen_items does not count.
/// Among sampled negatives both are the same.
BothRanks rank_by_vectors_both_ways(const at::Tensor& vectors, const at::Tensor& items, const OneTurnUsers& users,
                                    const OneTurnOptions& options);
/// The k best dense ids for each user by the same product, [n][k], among the same candidates.
std::vector<std::vector<int32_t>> top_k_by_vectors(const at::Tensor& vectors, const at::Tensor& items, int k,
                                                   const OneTurnUsers& users, const OneTurnOptions& options);

/// Ranks by one score of each item for all users, [V] by dense id, such as its frequency in training.
std::vector<Rank> rank_by_item_score(std::span<const double> scores, const OneTurnUsers& users,
                                     const OneTurnOptions& options);

/// The k best dense ids for each user by the score with text: states [B, d], text [B, E] -> [B][k].
std::vector<std::vector<int32_t>> top_k_with_text(const PriorNetwork& prior, const at::Tensor& states,
                                                  const RowTable& text, int k, const Candidates& candidates);

}  // namespace latentcrs
