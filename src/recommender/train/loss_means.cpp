#include "recommender/train/loss_means.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/util/error.h"

namespace latentcrs {

namespace {

constexpr size_t kMostUnseen = 64;

}  // namespace

std::vector<std::string> names_of(const LossTerms& terms) {
  std::vector<std::string> names;
  for (const auto& [name, term] : terms) names.push_back(name);
  return names;
}

at::Tensor values_of(const LossTerms& terms) {
  std::vector<at::Tensor> scalars;
  for (const auto& [name, term] : terms) scalars.push_back(term.detach().to(at::kDouble));
  return at::stack(scalars);
}

void LossMeans::add(const std::vector<std::string>& names, const at::Tensor& values, const std::string& where,
                    double weight) {
  if (sums_.empty())
    for (const std::string& name : names) sums_.emplace_back(name, 0.0);
  unseen_.push_back({values.is_cpu() ? values : values.clone(), where, weight});
  if (values.is_cpu() || unseen_.size() == kMostUnseen) look();
}

std::vector<std::pair<std::string, double>> LossMeans::means() {
  look();
  std::vector<std::pair<std::string, double>> means = sums_;
  for (auto& [name, value] : means) value /= weights_;
  return means;
}

void LossMeans::look() {
  const std::vector<StepValues> unseen = std::exchange(unseen_, {});
  if (unseen.empty()) return;
  std::vector<at::Tensor> rows;
  for (const StepValues& step : unseen) rows.push_back(step.values);
  const at::Tensor values = at::stack(rows).cpu();  // one transfer for all
  const double* value = values.data_ptr<double>();
  for (const StepValues& step : unseen) {
    for (auto& [name, sum] : sums_) {
      if (!std::isfinite(*value))
        throw numeric_error(fmt::format("{}: the loss term {} is {}; {}", step.where, name,
                                        std::isnan(*value) ? "nan" : fmt::format("{}", *value), advice_));  // no "-nan"
      sum += step.weight * *value++;
    }
    weights_ += step.weight;
  }
}

}  // namespace latentcrs
