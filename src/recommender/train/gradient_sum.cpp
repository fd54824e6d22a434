#include "recommender/train/gradient_sum.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace latentcrs {

namespace {

/// Takes the gradient off the parameter: zeros where there is none.
at::Tensor taken_gradient(const at::Tensor& parameter) {
  at::Tensor& gradient = parameter.mutable_grad();
  at::Tensor taken = gradient.defined() ? gradient : at::zeros_like(parameter);
  gradient.reset();
  return taken;
}

}  // namespace

bool GradientSum::is_item_table(const std::string& name, const at::Tensor& parameter) {
  return name.ends_with("item_embeddings.weight") && parameter.is_cpu() && parameter.scalar_type() == at::kFloat;
}

GradientSum::GradientSum(const Shards& shards, const std::vector<std::pair<std::string, at::Tensor>>& parameters)
    : sum_(shards) {
  for (const auto& [name, parameter] : parameters) {
    if (!parameter.requires_grad()) continue;
    if (!is_item_table(name, parameter)) {
      parameters_.push_back(parameter);
      continue;
    }
    tables_.push_back(parameter);
    table_sums_.emplace_back(shards, parameter.size(0));
  }
}

void GradientSum::add(const at::Tensor& losses) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> all;
  at::Tensor known = at::zeros({static_cast<int64_t>(parameters_.size() + tables_.size())});
  int64_t place = 0;
  const auto take = [&](const at::Tensor& parameter) {
    known[place++] = parameter.grad().defined() ? 1 : 0;
    return taken_gradient(parameter);
  };
  for (const at::Tensor& parameter : parameters_) all.push_back(take(parameter).reshape({-1}));
  for (size_t i = 0; i < tables_.size(); ++i) table_sums_[i].add(take(tables_[i]));
  all.push_back(known.to(losses.device()));
  all.push_back(losses.to(at::kFloat));
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
  std::vector<at::Tensor> gradients, owners = parameters_;
  owners.insert(owners.end(), tables_.begin(), tables_.end());
  for (const at::Tensor& parameter : parameters_) gradients.push_back(next(parameter.numel()).view(parameter.sizes()));
  for (RowSum& table_sum : table_sums_) gradients.push_back(table_sum.finish());
  const at::Tensor known = next(static_cast<int64_t>(owners.size())).cpu();
  for (size_t i = 0; i < owners.size(); ++i)
    if (known[static_cast<int64_t>(i)].item<float>() > 0) owners[i].mutable_grad() = gradients[i];
  return sum.narrow(0, begin, sum.numel() - begin).to(at::kDouble);
}

}  // namespace latentcrs
