// A mixture of what intents, the co-occurrence of items, popularity, named genres and named people say of an item
// (score_mixture; docs/method.md, section 9). Rows of items by dense id, V + 1 with the padding; n users; G genres.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <span>
#include <string>

#include "datasets/data/histories.h"
#include "numerics/tensor/row_table.h"
#include "recommender/eval/item_cosines.h"

namespace latentcrs {

/// The parts, in the order of their weights.
inline constexpr const char* kMixtureParts[] = {"intents", "history", "popularity", "genres"};
inline constexpr size_t kMixtureSize = std::size(kMixtureParts);
/// Histories of 0, 1, 2 and of 3 or more items have weights of their own.
inline constexpr size_t kMixtureLengths = 4;

using PartWeights = std::array<double, kMixtureSize>;
using MixtureWeights = std::array<PartWeights, kMixtureLengths>;

/// What the parts are computed from, on the CPU.
struct MixtureItems {
  at::Tensor intents;        ///< E [V + 1, d]
  at::Tensor co_occurrence;  ///< [V + 1, V + 1]: row h has log p(y|h) - α log π_y
  at::Tensor cosines;        ///< [V + 1, V + 1]: c_hy / √(c_h c_y), 0 for the item itself
  at::Tensor popularity;     ///< log π_y [V + 1]
  at::Tensor genres;         ///< 1 where an item has a genre: [V + 1, G]
};

/// With c_y users of an item, c_hy of two, U users in all and κ = 10: p(y|h) = (c_hy + κ c_y / U) / (c_h + κ), c_hh
/// counting as 0, and π_y = (c_y + 1) / Σ (c + 1). An item without users counts as half a user in c_y / U. `discount`
/// is α. Throws Error(config) where the tables would be too large.
MixtureItems mixture_items(const at::Tensor& item_table, const at::Tensor& genres, const CoOccurrence& pairs,
                           int64_t users, double discount);

/// 1 for each genre that the words name, [n, G]: the last `genres` coordinates of x [n, E] above 0.
at::Tensor named_genres(const RowTable& text, int64_t genres);

/// n users: Σ_m p(m|u,x) (W_i c_m + b_i) [n, d], 1 for each genre that their words name [n, G], their histories, and
/// how many of the people whom they name belong to each item, less those whom they turn down [n, V + 1].
struct MixtureUsers {
  at::Tensor by_intent, genres;
  const Histories* histories = nullptr;
  at::Tensor named = {};  ///< undefined: nobody is named
};

/// What is set, because simulated users cannot teach it.
struct SetWeights {
  double named = 0;          ///< ν, of each named person
  double genre_trust = 0;    ///< ρ: the named genres share ρ of the learned weight; 0: each has all of it
  at::Tensor mentions = {};  ///< τ log(1 + d_y) [V + 1], added to every user's scores; undefined: nothing
};

/// Scores of all items as products of user vectors [n, D] with items() [V + 1, D]. A history h scores an item by
/// max_h [log p(y|h) - α log π_y] + λ Σ_h cos(h, y), λ = 2, which is no product of numbers of the user with numbers of
/// the item; so the score itself, a coordinate an item, stands in the user's vector. What named people say and how
/// often others mention an item is added to it. With a trust ρ in genres the part of genres is
/// w ρ |G(x) ∩ G(y)| / |G(x)| in place of w |G(x) ∩ G(y)|.
class ScoreMixture {
 public:
  ScoreMixture(const MixtureWeights& weights, const MixtureItems& items, at::Device device, const SetWeights& set = {});

  const at::Tensor& items() const { return items_; }
  at::Tensor with_text(const MixtureUsers& users) const;
  /// By the history alone, without one by popularity, and by mentions: what the mixture knows without the user's words.
  at::Tensor without_text(const Histories& histories) const;

 private:
  at::Tensor vectors(const MixtureUsers& users, const MixtureWeights& weights) const;

  MixtureWeights weights_;
  SetWeights set_;
  int64_t width_, genres_;              // d, G
  at::Tensor co_occurrence_, cosines_;  // as in MixtureItems, on the CPU
  at::Tensor items_;                    // the parts side by side; the identity for the history's scores
};

/// The weights w that minimise the mean of CE(Σ_j w_j f_j(y) + α log π_y) + 0.0005 |w|² for each length of history by
/// itself, the target among all items. α is `discount` for users with a history, else 0. Without a history
/// co-occurrence has no part; with one, intents and popularity have none. At most 2,000 users count, taken at
/// equal distances; users whose has_text is 0 do not. The result is the same for any number of threads.
MixtureWeights learn_mixture(const MixtureUsers& users, std::span<const int32_t> targets,
                             std::span<const uint8_t> has_text, const MixtureItems& items, double discount);

/// "0 items: intents 0.19, popularity 0.79, genres 5.95; 1 item: …", without weights of 0.
std::string mixture_text(const MixtureWeights& weights);

void write_mixture(const MixtureWeights& weights, const std::filesystem::path& path);
/// Throws Error(data) naming the file where it is missing or is no mixture.
MixtureWeights read_mixture(const std::filesystem::path& path);

}  // namespace latentcrs
