// The range and the ticks of a chart's axis.
#pragma once

#include <limits>
#include <string>
#include <vector>

namespace latentcrs {

/// The range [low, high] of the finite values added so far.
struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  /// Widens the range to hold `value`; values that are not finite are ignored.
  void include(double value);
  bool empty() const { return low > high; }
  double length() const { return high - low; }
  double middle() const { return (low + high) / 2; }
  /// The range with room above and below, and with an extent above 0.
  Range padded(double share) const;
};

/// About `count` round numbers in [low, high], in equal steps of 1, 2 or 5 times a power of ten.
std::vector<double> axis_ticks(double low, double high, int count);

/// The number's text with a minus sign (U+2212) for its hyphens, as print has it.
std::string with_minus_signs(std::string number);

/// The text of one of `ticks`; all of them get the same number of digits.
std::string tick_text(double value, const std::vector<double>& ticks);

}  // namespace latentcrs
