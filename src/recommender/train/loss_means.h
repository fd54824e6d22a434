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

std::vector<std::string> names_of(const LossTerms& terms);
/// [T] float64, without gradient, on the terms' device.
at::Tensor values_of(const LossTerms& terms);

class LossMeans {
 public:
  /// `advice` says how to avoid a term that is not finite: "lower learning_rate".
  explicit LossMeans(std::string advice) : advice_(std::move(advice)) {}

  /// Every call has the same terms; `weight` is the weight of the call in the means. Throws Error(numeric) with
  /// `where`, the name of the first term that is not finite, and the advice. Values on a GPU are checked some steps
  /// later, so that steps need not wait for each other.
  void add(const std::vector<std::string>& names, const at::Tensor& values, const std::string& where,
           double weight = 1);
  void add(const LossTerms& terms, const std::string& where, double weight = 1) {
    add(names_of(terms), values_of(terms), where, weight);
  }
  std::vector<std::pair<std::string, double>> means();  ///< in the order of the terms

 private:
  struct StepValues {
    at::Tensor values;
    std::string where;
    double weight;
  };
  void look();

  std::string advice_;
  std::vector<StepValues> unseen_;
  std::vector<std::pair<std::string, double>> sums_;
  double weights_ = 0;
};

}  // namespace latentcrs
