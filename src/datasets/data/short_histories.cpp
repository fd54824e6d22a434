#include "datasets/data/short_histories.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/util/random.h"

namespace latentcrs {

namespace {

/// The items in the order in which they are drawn one after the other, without replacement, in proportion to
/// exp(weight · cosine): that of the keys weight · cosine + Gumbel noise (Yellott, 1977).
std::vector<int32_t> order_of_draws(std::span<const int32_t> items, std::span<const float> cosines, double weight,
                                    Rng& rng) {
  std::vector<std::pair<double, int32_t>> keyed;
  for (size_t i = 0; i < items.size(); ++i)
    keyed.emplace_back(weight * cosines[i] - std::log(-std::log1p(-rng.uniform())), items[i]);
  std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<int32_t> order;
  for (const auto& [key, item] : keyed) order.push_back(item);
  return order;
}

}  // namespace

ShortHistories draw_short_histories(const Histories& all, const ShortHistoryOptions& options, uint64_t seed,
                                    std::span<const float> cosines) {
  ShortHistories drawn;
  std::vector<int32_t> items;
  for (int64_t i = 0; i < all.size(); ++i) {
    Rng rng(derive_seed(seed, "short history", {static_cast<uint64_t>(i)}));
    const bool none = rng.uniform() < options.empty;
    const size_t wanted = none ? 1 : 1 + rng.below(static_cast<uint64_t>(options.most));
    const std::span<const int32_t> of_user = all.of(i);
    if (cosines.empty()) {
      items.assign(of_user.begin(), of_user.end());
      rng.shuffle(items);
    } else {
      items = order_of_draws(of_user,
                             cosines.subspan(static_cast<size_t>(all.offsets[static_cast<size_t>(i)]), of_user.size()),
                             options.likeness, rng);
    }
    items.resize(std::min(items.size(), wanted));
    drawn.histories.add(items);
    drawn.empty.push_back(none ? 1 : 0);
  }
  return drawn;
}

}  // namespace latentcrs
