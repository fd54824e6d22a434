#include "experiment/report/intent_use.h"

#include <algorithm>
#include <map>

namespace latentcrs {

std::vector<double> intent_shares(const std::vector<int>& intents) {
  std::map<int, int> counts;
  for (const int intent : intents) ++counts[intent];
  std::vector<double> shares;
  for (const auto& [intent, count] : counts)
    shares.push_back(static_cast<double>(count) / static_cast<double>(intents.size()));
  std::sort(shares.rbegin(), shares.rend());
  return shares;
}

}  // namespace latentcrs
