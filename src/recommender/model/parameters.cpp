#include "recommender/model/parameters.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/csrc/autograd/grad_mode.h>

#include <algorithm>

#include "base/util/error.h"

namespace latentcrs {

std::vector<std::string> load_parameters(torch::nn::Module& module, const StateDict& state, std::string_view where) {
  const at::NoGradGuard no_grad;
  const auto parameters = module.named_parameters();
  std::vector<std::string> wrong, unknown;
  for (const auto& parameter : parameters) {
    const at::Tensor* given = find(state, parameter.key());
    if (!given)
      wrong.push_back(fmt::format("{} is missing", parameter.key()));
    else if (given->sizes() != parameter.value().sizes())
      wrong.push_back(fmt::format("{} is [{}], expected [{}]", parameter.key(), fmt::join(given->sizes(), ", "),
                                  fmt::join(parameter.value().sizes(), ", ")));
    else if (!given->is_floating_point())
      wrong.push_back(fmt::format("{} holds numbers of type {}, which are no weights", parameter.key(),
                                  c10::toString(given->scalar_type())));
  }
  if (!wrong.empty())
    throw data_error(fmt::format("{}: the weights do not fit this model: {}", where, fmt::join(wrong, "; ")));
  for (const auto& [name, tensor] : state) {
    if (const at::Tensor* parameter = parameters.find(name))
      parameter->copy_(tensor);
    else
      unknown.push_back(name);
  }
  return unknown;
}

bool same_parameters(const torch::nn::Module& one, const torch::nn::Module& other) {
  const auto a = one.parameters(), b = other.parameters();
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const at::Tensor& x, const at::Tensor& y) { return x.sizes() == y.sizes() && at::equal(x, y); });
}

StateDict parameter_views(const torch::nn::Module& module) {
  StateDict state;
  for (const auto& parameter : module.named_parameters())
    state.emplace_back(parameter.key(), parameter->detach().cpu());
  return state;
}

StateDict parameters_of(const torch::nn::Module& module) {
  StateDict state = parameter_views(module);
  for (auto& [name, tensor] : state) tensor = tensor.clone();
  return state;
}

}  // namespace latentcrs
