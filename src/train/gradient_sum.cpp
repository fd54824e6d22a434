#include "train/gradient_sum.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace latentcrs {

GradientSum::GradientSum(const Shards& shards, const std::vector<std::pair<std::string, at::Tensor>>& parameters)
    : sum_(shards) {
  for (const auto& [name, parameter] : parameters)
    if (parameter.requires_grad()) parameters_.push_back(parameter);
}

void GradientSum::add(const at::Tensor& losses) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> all;
  at::Tensor known = at::zeros({static_cast<int64_t>(parameters_.size())});
  for (size_t i = 0; i < parameters_.size(); ++i) {
    at::Tensor& gradient = parameters_[i].mutable_grad();
    known[static_cast<int64_t>(i)] = gradient.defined() ? 1 : 0;
    all.push_back((gradient.defined() ? gradient : at::zeros_like(parameters_[i])).reshape({-1}));
    gradient.reset();
  }
  const at::TensorOptions options = parameters_.front().options();
  all.push_back(known.to(options));
  all.push_back(losses.to(options));
  sum_.add(at::cat(all));
}

at::Tensor GradientSum::finish() {
  const at::NoGradGuard no_grad;
  const at::Tensor sum = sum_.finish();
  int64_t begin = 0;
  const auto next = [&](int64_t count) {
    begin += count;
    return sum.narrow(0, begin - count, count);
  };
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& parameter : parameters_) gradients.push_back(next(parameter.numel()).view(parameter.sizes()));
  const at::Tensor known = next(static_cast<int64_t>(parameters_.size())).cpu();
  for (size_t i = 0; i < parameters_.size(); ++i)
    if (known[static_cast<int64_t>(i)].item<float>() > 0) parameters_[i].mutable_grad() = gradients[i];
  return sum.narrow(0, begin, sum.numel() - begin).to(at::kDouble);
}

}  // namespace latentcrs
