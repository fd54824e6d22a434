#include "language/answers/answer_ranks.h"

#include <algorithm>

namespace latentcrs {

ResultRanks ranks_in_answer(std::span<const LinkedTitle> list, Label target, std::span<const Label> seen) {
  ResultRanks ranks = {};
  if (target == kNoLabel) return ranks;
  for (size_t kind = 0; kind < kResultKinds.size(); ++kind) {
    Rank place = 0;
    for (const LinkedTitle& title : list) {
      if (!kResultKinds[kind].keeps_unknown && !title.in_vocabulary) continue;
      if (!kResultKinds[kind].keeps_seen && std::find(seen.begin(), seen.end(), title.label) != seen.end()) continue;
      ++place;
      if (title.label != target) continue;
      ranks[kind] = place;
      break;
    }
  }
  return ranks;
}

}  // namespace latentcrs
