#include "recommender/train/state_weights.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

namespace latentcrs {

namespace {

constexpr size_t kLongest = 3;  // longer histories are counted with it

}  // namespace

std::string state_weights_text(const PriorNetwork& prior, const EmSplit& split) {
  const at::NoGradGuard no_grad;
  const at::Tensor weights = prior->state_weights(split.prior_states).to(at::kCPU).contiguous();
  const float* const weight = weights.data_ptr<float>();
  std::array<double, kLongest + 1> sum{}, count{};
  for (int64_t i = 0; i < split.examples.size(); ++i) {
    const size_t length = std::min(kLongest, split.history(i).size());
    sum.at(length) += weight[i];
    count.at(length) += 1;
  }
  std::vector<std::string> parts;
  for (size_t length = 0; length <= kLongest; ++length)
    if (count.at(length) > 0)
      parts.push_back(fmt::format("{:.2f} for {} item{}{}", sum.at(length) / count.at(length), length,
                                  length == 1 ? "" : "s", length == kLongest ? " and more" : ""));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace latentcrs
