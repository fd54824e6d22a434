#include "datasets/data/batch_negatives.h"

#include <algorithm>
#include <utility>

#include "base/util/error.h"
#include "base/util/random.h"

namespace latentcrs {

BatchNegatives::BatchNegatives(const Interactions& interactions, std::vector<int32_t> items, NegativePlan plan,
                               uint64_t seed)
    : interactions_(interactions), items_(std::move(items)), plan_(std::move(plan)), seed_(seed) {
  if (plan_.source == NegativeSource::other_items && items_.size() < 2)
    throw config_error(plan_.setting + " needs other items than the next one, but the dataset has a single item");
  // The last row is the mask's and in no sequence.
  if (plan_.source == NegativeSource::unseen_rows)
    had_by_.assign(static_cast<size_t>(interactions.max_item_id()) + 2, -1);
}

std::vector<int32_t> BatchNegatives::of_batch(int epoch, int64_t step) const {
  if (!plan_.per_batch()) return {};
  Rng rng(derive_seed(seed_, "pretrain.shared_negatives", {static_cast<uint64_t>(epoch), static_cast<uint64_t>(step)}));
  std::vector<int32_t> drawn(static_cast<size_t>(plan_.count));
  for (int32_t& item : drawn) item = items_[rng.below(items_.size())];
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

void BatchNegatives::append_of_user(int64_t user, std::span<const int32_t> targets, int epoch,
                                    std::vector<int32_t>& negatives) {
  const uint64_t seed =
      derive_seed(seed_, "pretrain.negatives", {static_cast<uint64_t>(epoch), static_cast<uint64_t>(user)});
  if (plan_.source == NegativeSource::other_items) append_other_items(targets, seed, negatives);
  if (plan_.source == NegativeSource::unseen_rows) append_unseen_rows(user, targets.size(), seed, negatives);
}

void BatchNegatives::append_other_items(std::span<const int32_t> targets, uint64_t seed,
                                        std::vector<int32_t>& negatives) const {
  Rng rng(seed);
  const size_t first = negatives.size();
  negatives.resize(first + targets.size() * static_cast<size_t>(plan_.count));
  int32_t* to = negatives.data() + first;
  for (const int32_t target : targets) {
    const auto own = static_cast<size_t>(std::lower_bound(items_.begin(), items_.end(), target) - items_.begin());
    for (int i = 0; i < plan_.count; ++i) {
      const size_t drawn = rng.below(items_.size() - 1);
      *to++ = items_[drawn < own ? drawn : drawn + 1];
    }
  }
}

void BatchNegatives::append_unseen_rows(int64_t user, size_t positions, uint64_t seed,
                                        std::vector<int32_t>& negatives) {
  for (const int32_t item : interactions_.sequence(user)) had_by_[static_cast<size_t>(item)] = user;
  Rng rng(seed);
  for (size_t left = positions * static_cast<size_t>(plan_.count); left > 0;) {
    // The last row is in no sequence, so there is always something to draw.
    const uint64_t row = 1 + rng.below(had_by_.size() - 1);
    if (had_by_[row] == user) continue;
    negatives.push_back(static_cast<int32_t>(row));
    --left;
  }
}

}  // namespace latentcrs
