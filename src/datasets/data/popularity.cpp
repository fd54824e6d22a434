#include "datasets/data/popularity.h"

#include <algorithm>
#include <cmath>

namespace latentcrs {

std::vector<float> log_popularity(const Interactions& interactions, const std::vector<int32_t>& items, double weight) {
  std::vector<double> counts(static_cast<size_t>(interactions.max_item_id()) + 1, 1.0);
  for (int64_t u = 0; u < interactions.num_users(); ++u)
    for (const int32_t item : interactions.training(u)) counts[static_cast<size_t>(item)] += 1;
  double all = 0;
  for (const int32_t item : items)
    if (item > 0) all += counts[static_cast<size_t>(item)];
  std::vector<float> logs;
  for (const int32_t item : items)
    logs.push_back(item > 0 ? static_cast<float>(weight * std::log(counts[static_cast<size_t>(item)] / all)) : 0.0f);
  return logs;
}

}  // namespace latentcrs
