// What the pictures' axes share.
#pragma once

#include <limits>
#include <string>
#include <vector>

namespace latentcrs {

/// The finite values seen so far lie in [low, high].
struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void include(double value);
  bool empty() const { return low > high; }
  double length() const { return high - low; }
  double middle() const { return (low + high) / 2; }
  /// A range with some extent and room above and below.
  Range padded(double share) const;
};

/// Round numbers, about `count` of them, that lie in [low, high] with equal steps of 1, 2 or 5 times a power of ten.
std::vector<double> axis_ticks(double low, double high, int count);

/// A tick among `ticks`, all with the same number of digits.
std::string tick_text(double value, const std::vector<double>& ticks);

}  // namespace latentcrs
