// Loss terms by name, and their means over the steps of a pass.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace latentcrs {

/// Scalars by name.
using LossTerms = std::vector<std::pair<std::string, at::Tensor>>;

class LossMeans {
 public:
  /// `advice` is what to do against a term that is not finite: "lower learning_rate".
  explicit LossMeans(std::string advice) : advice_(std::move(advice)) {}

  /// Every call has the same terms; `weight` is how much it counts. Throws Error(numeric) with `where`, the name of the
  /// first term that is not finite, and the advice.
  void add(const LossTerms& terms, const std::string& where, double weight = 1);
  std::vector<std::pair<std::string, double>> means() const;  ///< in the order of the terms

 private:
  std::string advice_;
  std::vector<std::pair<std::string, double>> sums_;
  double weights_ = 0;
};

}  // namespace latentcrs
