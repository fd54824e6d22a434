#include "experiment/report/value_groups.h"

#include <fmt/format.h>

#include <algorithm>

namespace latentcrs {

std::string ValueGroup::label() const {
  return least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most);
}

std::vector<ValueGroup> value_groups(std::vector<int64_t> values, size_t count) {
  std::sort(values.begin(), values.end());
  std::vector<ValueGroup> groups;
  size_t next = 0;  // the first value that no group holds
  for (size_t k = 1; k <= count && next < values.size(); ++k) {
    const size_t end = (values.size() * k + count - 1) / count;
    if (end <= next) continue;
    const int64_t most = values[end - 1];
    groups.push_back({values[next], most});
    next = static_cast<size_t>(std::upper_bound(values.begin(), values.end(), most) - values.begin());
  }
  return groups;
}

}  // namespace latentcrs
