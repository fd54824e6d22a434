#include "data/alike_ids.h"

#include <algorithm>
#include <unordered_map>

namespace latentcrs {

std::string bare_id(std::string_view id) {
  std::string bare;
  std::copy_if(id.begin(), id.end(), std::back_inserter(bare), [](char c) { return c != ' ' && c != '\t'; });
  if (bare.ends_with(".0")) bare.resize(bare.size() - 2);
  bare.erase(0, std::min(bare.find_first_not_of('0'), bare.size()));
  return bare.empty() ? "0" : bare;
}

std::optional<AlikeIds::Found> AlikeIds::find(const StringTable& ids) const {
  std::unordered_map<std::string, uint32_t> seen;  // bare id: the first dressed one
  Found found;
  for (const Dressed& entry : dressed_) {
    const std::string bare = bare_id(ids[entry.index]);
    const auto [same, is_new] = seen.emplace(bare, entry.index);
    uint32_t other = ids.find(bare);
    if (other == entry.index) continue;  // "0" is its own bare form
    if (other == StringTable::kNone && !is_new) other = same->second;
    if (other == StringTable::kNone) continue;
    if (found.ids++ == 0)
      found = {.ids = 1, .line = entry.line, .id = std::string(ids[entry.index]), .other = std::string(ids[other])};
  }
  return found.ids > 0 ? std::optional(found) : std::nullopt;
}

}  // namespace latentcrs
