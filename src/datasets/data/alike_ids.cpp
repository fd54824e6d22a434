#include "datasets/data/alike_ids.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace latentcrs {

std::string bare_id(std::string_view id) {
  std::string bare;
  std::copy_if(id.begin(), id.end(), std::back_inserter(bare), [](char c) { return c != ' ' && c != '\t'; });
  if (bare.ends_with(".0")) bare.resize(bare.size() - 2);
  bare.erase(0, std::min(bare.find_first_not_of('0'), bare.size()));
  return bare.empty() ? "0" : bare;
}

/// Ids of one bare form have one hash, so that they are neighbours once they are in order of it.
std::optional<AlikeIds::Found> AlikeIds::find(const StringTable& ids) const {
  const auto bare_of = [&](size_t place) { return bare_id(ids[dressed_[place].index]); };
  std::vector<std::pair<uint64_t, size_t>> forms;  // hash of the bare form, place in dressed_
  for (size_t place = 0; place < dressed_.size(); ++place) forms.emplace_back(StringTable::hash(bare_of(place)), place);
  std::sort(forms.begin(), forms.end());
  Found found;
  for (size_t i = 0; i < forms.size(); ++i) {
    const Dressed& entry = dressed_[forms[i].second];
    const std::string bare = bare_of(forms[i].second);
    uint32_t other = ids.find(bare);
    const bool follows_one = i > 0 && forms[i - 1].first == forms[i].first && bare_of(forms[i - 1].second) == bare;
    if (other == StringTable::kNone && follows_one) other = dressed_[forms[i - 1].second].index;
    if (other == StringTable::kNone || other == entry.index) continue;
    if (found.ids++ == 0 || entry.line < found.line) {
      found.line = entry.line;
      found.id = ids[entry.index];
      found.other = ids[other];
    }
  }
  return found.ids > 0 ? std::optional(found) : std::nullopt;
}

}  // namespace latentcrs
