// Intervals for statements about training, whose results vary a little with the seed and with the kernels of the BLAS
// library.
#pragma once

#include <array>
#include <cmath>
#include <stdexcept>
#include <vector>

namespace latentcrs::test {

/// The lower end of the one-sided 99 % interval (Student) of the mean of the distribution that `values` are drawn from;
/// 4 to 8 values.
inline double lower_bound_99(const std::vector<double>& values) {
  constexpr std::array<double, 5> t = {4.541, 3.747, 3.365, 3.143, 2.998};  // quantiles for 3 to 7 degrees of freedom
  const size_t n = values.size();
  if (n < 4 || n > 8) throw std::invalid_argument("lower_bound_99 takes 4 to 8 values");
  double mean = 0, squares = 0;
  for (const double x : values) mean += x / static_cast<double>(n);
  for (const double x : values) squares += (x - mean) * (x - mean);
  return mean - t[n - 4] * std::sqrt(squares / static_cast<double>((n - 1) * n));
}

}  // namespace latentcrs::test
