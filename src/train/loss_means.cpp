#include "loss_means.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cmath>

#include "latentcrs/util/error.h"

namespace latentcrs {

void LossMeans::add(const LossTerms& terms, const std::string& where, double weight) {
  std::vector<at::Tensor> scalars;
  for (const auto& [name, term] : terms) scalars.push_back(term.detach().to(at::kDouble));
  const at::Tensor values = at::stack(scalars).cpu();  // one transfer for all
  if (sums_.empty())
    for (const auto& [name, term] : terms) sums_.emplace_back(name, 0.0);
  for (size_t i = 0; i < terms.size(); ++i) {
    const double value = values.data_ptr<double>()[i];
    if (!std::isfinite(value))
      throw numeric_error(fmt::format("{}: the loss term {} is {}; {}", where, terms[i].first, value, advice_));
    sums_[i].second += weight * value;
  }
  weights_ += weight;
}

std::vector<std::pair<std::string, double>> LossMeans::means() const {
  std::vector<std::pair<std::string, double>> means = sums_;
  for (auto& [name, value] : means) value /= weights_;
  return means;
}

}  // namespace latentcrs
