// How much vectors differ from each other.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace latentcrs {

/// Of n vectors v. Where nearly all vectors point the same way, a network sees little of what tells them apart.
struct VectorSpread {
  double mean_cosine = 0;  ///< of two different vectors; 0 for fewer than two
  double varying = 0;      ///< 1 - |mean v|^2 / mean |v|^2, in [0, 1]; 0 where all vectors are the same or zero
};

/// "mean cosine of two 0.40, 0.60 of their squared length varies"
std::string to_text(const VectorSpread& spread);

/// Whether so little varies (less than a tenth) that centring is worth trying.
bool varies_little(const VectorSpread& spread);

/// Sums over vectors that come one after the other.
class SpreadMeter {
 public:
  void add(std::span<const float> vector);
  int64_t count() const { return count_; }
  /// The mean vector, [D]; empty before the first one.
  std::vector<float> mean() const;
  VectorSpread spread() const;

 private:
  int64_t count_ = 0;
  std::vector<double> sum_, sum_of_directions_;
  double squares_ = 0;
  int64_t directions_ = 0;  ///< vectors that are not zero
};

/// The spread of the rows of a row-major matrix [n, dim].
VectorSpread spread_of(const std::vector<float>& rows, size_t dim);

}  // namespace latentcrs
