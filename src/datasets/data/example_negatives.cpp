#include "datasets/data/example_negatives.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/util/error.h"
#include "base/util/random.h"

namespace latentcrs {

namespace {

/// The r-th (from 0) of the items 1, 2, … that are not in `seen`, which is ascending.
int64_t unseen_item(std::span<const int32_t> seen, uint64_t r) {
  // seen[j] has seen[j] - 1 - j unseen items below it; the answer lies above every seen[j] with at most r of them.
  const auto above = std::partition_point(seen.begin(), seen.end(), [&](const int32_t& item) {
    return static_cast<uint64_t>(item - 1 - (&item - seen.data())) <= r;
  });
  return static_cast<int64_t>(r) + 1 + (above - seen.begin());
}

}  // namespace

ExampleNegatives::ExampleNegatives(std::span<const int64_t> users, std::vector<int32_t> targets,
                                   const Interactions& interactions, const DenseItems& items, int count,
                                   const char* setting)
    : targets_(std::move(targets)), num_items_(items.size() - 1), count_(count) {
  std::unordered_map<int64_t, int64_t> rows;
  for (size_t i = 0; i < targets_.size(); ++i) {
    const int64_t user = users[i];
    const auto [row, is_new] = rows.emplace(user, seen_.size());
    if (is_new) seen_.add(items.distinct(interactions.sequence(user)));
    seen_row_.push_back(row->second);
    const std::span<const int32_t> seen = seen_.of(row->second);
    const bool target_seen = std::binary_search(seen.begin(), seen.end(), targets_[i]);
    const int64_t left = num_items_ - static_cast<int64_t>(seen.size()) - (target_seen ? 0 : 1);
    if (left < count)
      throw data_error(fmt::format("user {} leaves {} of {} items to draw negatives from, fewer than {}={}",
                                   interactions.user_ids[static_cast<size_t>(user)], left, num_items_, setting, count));
  }
}

void ExampleNegatives::draw(uint64_t seed, uint64_t epoch, int64_t first, std::span<int64_t> rows) const {
  auto example = static_cast<size_t>(first);
  for (int64_t *drawn = rows.data(), *end = drawn + rows.size(); drawn < end; drawn += count_, ++example) {
    Rng rng(derive_seed(seed, "em-negatives", {epoch, example}));
    const std::span<const int32_t> seen = seen_.of(seen_row_[example]);
    for (int64_t* next = drawn; next < drawn + count_;) {
      const int64_t item = unseen_item(seen, rng.below(static_cast<uint64_t>(num_items_) - seen.size()));
      if (item != targets_[example] && std::find(drawn, next, item) == next) *next++ = item;
    }
  }
}

}  // namespace latentcrs
