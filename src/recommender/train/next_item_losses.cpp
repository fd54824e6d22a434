#include "recommender/train/next_item_losses.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "base/util/error.h"
#include "numerics/linalg/fixed_order.h"

namespace latentcrs {

namespace {

constexpr double kProbabilityFloor = 1e-24;

at::Tensor log_floored(const at::Tensor& p) { return at::log(p + kProbabilityFloor); }

}  // namespace

const NextItemLoss& next_item_loss(const std::string& name) {
  const auto* const found = std::find_if(kNextItemLosses.begin(), kNextItemLosses.end(),
                                         [&](const NextItemLoss* loss) { return loss->name == name; });
  if (found == kNextItemLosses.end()) throw internal_error("unknown next-item loss " + name);
  return **found;
}

NegativePlan negatives_of(const PretrainOptions& options) {
  const NextItemLoss& loss = next_item_loss(options.loss);
  NegativePlan plan = loss.negatives(options);
  plan.setting = "pretrain.loss=" + options.loss;
  return plan;
}

at::Tensor states_at(const at::Tensor& states, const at::Tensor& rows) {
  return at::embedding(states.reshape({-1, states.size(-1)}), rows);  // index_select has a slow gradient
}

at::Tensor position_weights(const at::Tensor& states, const at::Tensor& weights) {
  if (weights.defined()) return weights;
  return at::full({states.size(0)}, 1.0 / static_cast<double>(std::max<int64_t>(states.size(0), 1)), states.options());
}

at::Tensor bce_loss(const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets,
                    const at::Tensor& negatives, const at::Tensor& weights) {
  const int64_t count = states.size(0);
  const at::Tensor embedded = at::embedding(items, at::cat({targets, negatives}), 0);
  const at::Tensor p = at::sigmoid((embedded.view({2, count, states.size(1)}) * states).sum(-1));
  const at::Tensor terms = log_floored(p[0]) + log_floored(1 - p[1]);
  if (weights.defined()) return -sum_of_all(weights * terms);
  return -sum_of_all(terms) / static_cast<double>(std::max<int64_t>(count, 1));
}

constinit const NextItemLoss kBceLoss = {
    .name = "bce",
    .negatives =
        [](const PretrainOptions&) {
          return NegativePlan{NegativeSource::unseen_rows, 1};
        },
    .value =
        [](const NextItemBatch& b, const PretrainOptions&) {
          return bce_loss(b.states, b.items, b.targets, b.negatives.flatten().to(at::kLong), b.weights);
        },
};

}  // namespace latentcrs
