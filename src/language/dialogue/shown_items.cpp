#include "language/dialogue/shown_items.h"

#include <algorithm>

namespace latentcrs {

namespace {

bool is_among(const std::string& feature, const std::vector<std::string>& all) {
  return std::find(all.begin(), all.end(), feature) != all.end();
}

}  // namespace

std::vector<int64_t> choose_shown_items(std::span<const int32_t> ranked,
                                        const std::unordered_set<int64_t>& shown_before,
                                        const std::vector<std::string>& features, const ItemCatalogue& catalogue,
                                        const ShownItemsOptions& options) {
  std::vector<int64_t> candidates, refused;
  for (const int32_t item : ranked) (shown_before.contains(item) ? refused : candidates).push_back(item);
  if (options.refused_items_return) candidates.insert(candidates.end(), refused.begin(), refused.end());
  candidates.resize(std::min(candidates.size(), static_cast<size_t>(options.candidates)));

  const auto wanted = [&](int64_t id) {
    const Item* item = catalogue.find(id);
    if (item == nullptr) return ptrdiff_t{0};
    return std::count_if(features.begin(), features.end(), [&](const std::string& feature) {
      return is_among(feature, item->facets) || is_among(feature, item->names);
    });
  };
  std::stable_sort(candidates.begin(), candidates.end(), [&](int64_t a, int64_t b) { return wanted(a) > wanted(b); });
  candidates.resize(std::min(candidates.size(), static_cast<size_t>(options.shown_items)));
  return candidates;
}

}  // namespace latentcrs
