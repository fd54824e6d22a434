#include "experiment/report/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace latentcrs {

void Range::include(double value) {
  if (!std::isfinite(value)) return;
  low = std::min(low, value);
  high = std::max(high, value);
}

Range Range::padded(double share) const {
  const double extent = high > low ? high - low : std::max(std::abs(high) * 0.1, 1e-3);
  return {low - share * extent, high + share * extent};
}

std::vector<double> axis_ticks(double low, double high, int count) {
  const double extent = high - low;
  if (!(extent > 0) || !std::isfinite(extent)) return {};
  const double rough = extent / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  const double ratio = rough / power;
  const double step = power * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
  std::vector<double> ticks;
  for (double i = std::ceil(low / step - 1e-9); i * step <= high + 1e-9 * extent; ++i)
    ticks.push_back(i * step + 0.0);  // adding 0.0 turns -0 into 0
  return ticks;
}

std::string with_minus_signs(std::string number) {
  for (size_t at = 0; (at = number.find('-', at)) != std::string::npos;) number.replace(at, 1, "−");
  return number;
}

std::string tick_text(double value, const std::vector<double>& ticks) {
  if (std::abs(value) >= 1e5 || ticks.size() < 2) return fmt::format("{:g}", value);
  const int digits = std::clamp(static_cast<int>(std::ceil(-std::log10(ticks[1] - ticks[0]) - 1e-9)), 0, 6);
  return fmt::format("{:.{}f}", value == 0 ? 0.0 : value, digits);
}

}  // namespace latentcrs
