#include "language/text/vector_spread.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace latentcrs {

namespace {

double squared(const std::vector<double>& vector) {
  return std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0);
}

}  // namespace

std::string to_text(const VectorSpread& spread) {
  return fmt::format("mean cosine of two {:.2f}, {:.2f} of their squared length varies", spread.mean_cosine,
                     spread.varying);
}

bool varies_little(const VectorSpread& spread) { return spread.varying < 0.1; }

void SpreadMeter::add(std::span<const float> vector) {
  if (count_ == 0) {
    sum_.resize(vector.size());
    sum_of_directions_.resize(vector.size());
  }
  ++count_;
  double square = 0;
  for (size_t i = 0; i < vector.size(); ++i) {
    sum_[i] += vector[i];
    square += static_cast<double>(vector[i]) * vector[i];
  }
  squares_ += square;
  if (square <= 0) return;
  ++directions_;
  for (size_t i = 0; i < vector.size(); ++i) sum_of_directions_[i] += vector[i] / std::sqrt(square);
}

std::vector<float> SpreadMeter::mean() const {
  std::vector<float> mean;
  for (const double value : sum_) mean.push_back(static_cast<float>(value / static_cast<double>(count_)));
  return mean;
}

VectorSpread SpreadMeter::spread() const {
  VectorSpread spread;
  const auto n = static_cast<double>(count_), d = static_cast<double>(directions_);
  if (directions_ > 1) spread.mean_cosine = (squared(sum_of_directions_) - d) / (d * (d - 1));
  if (squares_ > 0) spread.varying = std::clamp(1 - squared(sum_) / n / squares_, 0.0, 1.0);
  return spread;
}

VectorSpread spread_of(const std::vector<float>& rows, size_t dim) {
  SpreadMeter meter;
  for (size_t at = 0; at + dim <= rows.size(); at += dim) meter.add({rows.data() + at, dim});
  return meter.spread();
}

}  // namespace latentcrs
