#include "dialogue/zero_shot.h"

#include <algorithm>
#include <set>

namespace latentcrs {

std::span<const TemplateField> zero_shot_fields(std::string_view input) {
  if (input == "text") return kZeroShotTextFields;
  if (input == "items") return kZeroShotItemsFields;
  return kZeroShotFields;
}

ZeroShotRanks zero_shot_ranks(const std::vector<std::optional<int64_t>>& items, int64_t target,
                              std::span<const int32_t> seen) {
  std::set<int64_t> before;
  int32_t named = 0, catalogued = 0, unseen = 0;
  for (const auto& item : items) {
    if (item && !before.insert(*item).second) continue;
    ++named;
    if (!item) continue;
    ++catalogued;
    const bool had = std::find(seen.begin(), seen.end(), *item) != seen.end();
    if (!had || *item == target) ++unseen;
    if (*item == target) return {named, catalogued, unseen};
  }
  return {};
}

}  // namespace latentcrs
