#include "language/dialogue/zero_shot.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace latentcrs {

std::span<const TemplateField> zero_shot_fields(std::string_view input) {
  if (input == "text") return kZeroShotTextFields;
  if (input == "items") return kZeroShotItemsFields;
  return kZeroShotFields;
}

std::string zero_shot_parameters(const std::string& parameters, int titles) {
  constexpr int kTokensOfTitle = 48, kTokensAround = 64;  // twenty plain titles as JSON took 195 to 317
  nlohmann::json own = nlohmann::json::parse(parameters, nullptr, false);
  if (!own.is_object()) return parameters;  // the services name the mistake
  const int least = kTokensAround + kTokensOfTitle * titles;
  for (const char* limit : {"max_tokens", "max_completion_tokens", "maxOutputTokens"})
    if (own.contains(limit) && own.at(limit).is_number() && own.at(limit) < least) own[limit] = least;
  for (const char* mark : {"stop", "stopSequences"}) own.erase(mark);
  return own.dump();
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
