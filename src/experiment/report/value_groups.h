// Whole numbers in groups of about equal size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace latentcrs {

/// The numbers from `least` to `most`, both included.
struct ValueGroup {
  int64_t least = 0, most = 0;

  bool holds(int64_t value) const { return value >= least && value <= most; }
  /// "3 to 8", or "3".
  std::string label() const;
};

/// At most `count` groups that together hold all `values`, ascending. Borders are quantiles: the k-th group ends with
/// the smallest value that at least k/count of the values do not exceed. Equal values are in one group, so that there
/// may be fewer groups.
std::vector<ValueGroup> value_groups(std::vector<int64_t> values, size_t count);

}  // namespace latentcrs
