// Loss terms by name, and their means over the steps of an epoch.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

namespace latentcrs {

/// Scalars by name.
using LossTerms = std::vector<std::pair<std::string, at::Tensor>>;

class LossMeans {
 public:
  /// Throws Error(numeric) with `where` and the name of the first term that is not finite.
  void add(const LossTerms& terms, const std::string& where);
  std::vector<std::pair<std::string, double>> means() const;  ///< in the order of the terms

 private:
  std::vector<std::pair<std::string, double>> sums_;
  int64_t steps_ = 0;
};

}  // namespace latentcrs
