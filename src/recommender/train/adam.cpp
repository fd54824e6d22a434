#include "recommender/train/adam.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <cmath>

#include "base/util/error.h"
#include "base/util/profile.h"

namespace latentcrs {

namespace {

constexpr int64_t kAdamGrain = 16384;  // elements a thread takes at least

/// The numbers of one step of one parameter.
struct Step {
  double beta1, beta2, weight_decay, epsilon;
  double step_size;         ///< learning rate / (1 - beta1^t)
  double sqrt_correction2;  ///< sqrt(1 - beta2^t)
};

/// The same operations in the same order as PyTorch's single-tensor Adam, in one pass.
void update_range(float* parameter, const float* gradient, float* exp_avg, float* exp_avg_sq, int64_t begin,
                  int64_t end, const Step& s) {
  const float beta1 = static_cast<float>(s.beta1), rest1 = static_cast<float>(1 - s.beta1);
  const float beta2 = static_cast<float>(s.beta2), rest2 = static_cast<float>(1 - s.beta2);
  const float decay = static_cast<float>(s.weight_decay), epsilon = static_cast<float>(s.epsilon);
  const float step_size = static_cast<float>(s.step_size), correction = static_cast<float>(s.sqrt_correction2);
  for (int64_t i = begin; i < end; ++i) {
    const float g = gradient[i] + decay * parameter[i];
    exp_avg[i] = exp_avg[i] * beta1 + g * rest1;
    exp_avg_sq[i] = exp_avg_sq[i] * beta2 + g * g * rest2;
    parameter[i] -= step_size * exp_avg[i] / (std::sqrt(exp_avg_sq[i]) / correction + epsilon);
  }
}

void update_on_cpu(at::Tensor& parameter, const at::Tensor& gradient, at::Tensor& exp_avg, at::Tensor& exp_avg_sq,
                   const Step& step) {
  float* p = parameter.data_ptr<float>();
  const float* g = gradient.data_ptr<float>();
  float* m = exp_avg.data_ptr<float>();
  float* v = exp_avg_sq.data_ptr<float>();
  at::parallel_for(0, parameter.numel(), kAdamGrain,
                   [&](int64_t begin, int64_t end) { update_range(p, g, m, v, begin, end, step); });
}

void update_composed(at::Tensor& parameter, const at::Tensor& gradient, at::Tensor& exp_avg, at::Tensor& exp_avg_sq,
                     const Step& s) {
  const at::Tensor g = s.weight_decay == 0 ? gradient : gradient.add(parameter, s.weight_decay);
  exp_avg.mul_(s.beta1).add_(g, 1 - s.beta1);
  exp_avg_sq.mul_(s.beta2).addcmul_(g, g, 1 - s.beta2);
  parameter.addcdiv_(exp_avg, exp_avg_sq.sqrt().div_(s.sqrt_correction2).add_(s.epsilon), -s.step_size);
}

/// The gradient in the memory order of its parameter: the fused kernel takes all as flat arrays.
at::Tensor like_in_memory(const at::Tensor& parameter, const at::Tensor& gradient) {
  return gradient.strides() == parameter.strides() ? gradient : at::empty_like(parameter).copy_(gradient);
}

bool fits_cpu_loop(const at::Tensor& t) { return t.is_cpu() && t.scalar_type() == at::kFloat && t.is_contiguous(); }

}  // namespace

Adam::Adam(std::vector<std::pair<std::string, at::Tensor>> parameters, double learning_rate,
           const OptimOptions& options)
    : learning_rate_(learning_rate), options_(options) {
  const at::NoGradGuard no_grad;
  for (auto& [name, parameter] : parameters) {
    Slot& slot = slots_.emplace_back();
    slot.name = std::move(name);
    slot.parameter = parameter;
    slot.exp_avg = at::zeros_like(parameter);
    slot.exp_avg_sq = at::zeros_like(parameter);
    if (parameter.is_cuda()) slot.device_step = at::zeros({1}, parameter.options().dtype(at::kFloat));
  }
}

void Adam::step_on_cuda() {
  std::vector<at::Tensor> parameters, gradients, exp_avgs, exp_avg_sqs, steps;
  for (const Slot& slot : slots_) {
    if (!slot.parameter.grad().defined()) continue;
    parameters.push_back(slot.parameter);
    gradients.push_back(like_in_memory(slot.parameter, slot.parameter.grad()));
    exp_avgs.push_back(slot.exp_avg);
    exp_avg_sqs.push_back(slot.exp_avg_sq);
    steps.push_back(slot.device_step);
  }
  if (parameters.empty()) return;
  at::_foreach_add_(steps, 1);
  at::_fused_adam_(parameters, gradients, exp_avgs, exp_avg_sqs, /*max_exp_avg_sqs=*/{}, steps, learning_rate_,
                   options_.adam_beta1, options_.adam_beta2, options_.adam_weight_decay, options_.adam_epsilon,
                   /*amsgrad=*/false, /*maximize=*/false);
}

void Adam::step() {
  const profile::Scope scope("Adam");
  const at::NoGradGuard no_grad;
  if (!slots_.empty() && slots_.front().parameter.is_cuda()) {
    step_on_cuda();
    return;
  }
  for (Slot& slot : slots_) {
    if (!slot.parameter.grad().defined()) continue;
    ++slot.step;
    const double t = static_cast<double>(slot.step);
    const Step step{.beta1 = options_.adam_beta1,
                    .beta2 = options_.adam_beta2,
                    .weight_decay = options_.adam_weight_decay,
                    .epsilon = options_.adam_epsilon,
                    .step_size = learning_rate_ / (1 - std::pow(options_.adam_beta1, t)),
                    .sqrt_correction2 = std::sqrt(1 - std::pow(options_.adam_beta2, t))};
    const at::Tensor gradient = slot.parameter.grad().contiguous();
    if (fits_cpu_loop(slot.parameter) && fits_cpu_loop(gradient))
      update_on_cpu(slot.parameter, gradient, slot.exp_avg, slot.exp_avg_sq, step);
    else
      update_composed(slot.parameter, gradient, slot.exp_avg, slot.exp_avg_sq, step);
  }
}

void Adam::clear_gradients() {
  for (Slot& slot : slots_) slot.parameter.mutable_grad().reset();
}

StateDict Adam::state() const {
  StateDict state;
  for (const Slot& slot : slots_) {
    state.emplace_back("exp_avg." + slot.name, slot.exp_avg.detach().cpu());
    state.emplace_back("exp_avg_sq." + slot.name, slot.exp_avg_sq.detach().cpu());
    const int64_t step = slot.device_step.defined() ? std::llround(slot.device_step.item<float>()) : slot.step;
    state.emplace_back("step." + slot.name, at::scalar_tensor(step, at::kLong));
  }
  return state;
}

void Adam::load_state(const StateDict& state) {
  const at::NoGradGuard no_grad;
  const auto get = [&state](const std::string& name, at::IntArrayRef sizes) {
    const at::Tensor* tensor = find(state, name);
    if (tensor == nullptr || tensor->sizes() != sizes)
      throw data_error(fmt::format("optimizer state: {} is missing or has another size", name));
    return *tensor;
  };
  for (Slot& slot : slots_) {
    slot.exp_avg.copy_(get("exp_avg." + slot.name, slot.parameter.sizes()));
    slot.exp_avg_sq.copy_(get("exp_avg_sq." + slot.name, slot.parameter.sizes()));
    slot.step = get("step." + slot.name, {}).item<int64_t>();
    if (slot.device_step.defined()) slot.device_step.fill_(slot.step);
  }
}

}  // namespace latentcrs
