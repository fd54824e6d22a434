// The softmax losses: value and gradients at once.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "recommender/train/fused_softmax.h"
#include "recommender/train/next_item_losses.h"

namespace latentcrs {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kLogits = int64_t{1} << 22;        // of a block of positions, where that leaves kFewestRows
constexpr int64_t kDeviceLogits = int64_t{1} << 26;  // on a GPU: fewer, larger products
constexpr int64_t kFewestRows = 128;

/// Blocks of positions against all items, with LibTorch's operators.
class SoftmaxBlocks {
 public:
  explicit SoftmaxBlocks(const SoftmaxInputs& inputs)
      : inputs_(inputs),
        others_(inputs.items.index_select(0, inputs.others)),
        first_(at::searchsorted(inputs.others, inputs.targets)),
        last_(at::searchsorted(inputs.others, inputs.targets, /*out_int32=*/false, /*right=*/true)),
        own_gradient_(at::empty_like(inputs.states)) {
    outputs_.sum = at::zeros({}, inputs.states.options().dtype(at::kDouble));
    if (inputs.with_gradients()) outputs_.states_gradient = at::empty_like(inputs.states);
    if (inputs.items_gradient) others_gradient_ = at::zeros_like(others_);
  }

  SoftmaxOutputs run() {
    const int64_t count = inputs_.states.size(0), logits = inputs_.states.is_cpu() ? kLogits : kDeviceLogits;
    const int64_t block = std::max(logits / std::max<int64_t>(others_.size(0), 1), kFewestRows);
    for (int64_t begin = 0; begin < count; begin += block) look_at(begin, std::min(block, count - begin));
    if (inputs_.items_gradient)
      outputs_.items_gradient = at::embedding_dense_backward(at::cat({others_gradient_, own_gradient_}),
                                                             at::cat({inputs_.others, inputs_.targets}),
                                                             inputs_.items.size(0), /*padding_idx=*/-1, false);
    return outputs_;
  }

 private:
  void look_at(int64_t begin, int64_t count) {
    const auto block = [&](const at::Tensor& of_all) { return of_all.narrow(0, begin, count); };
    const at::Tensor states = block(inputs_.states), weights = block(inputs_.weights);
    const at::Tensor own = inputs_.items.index_select(0, block(inputs_.targets));
    const at::Tensor own_logits = (states * own).sum(1) + inputs_.target_offset;
    at::Tensor p = at::mm(states, others_.t());
    hide_targets(p, block(first_), block(last_));
    const at::Tensor top = others_.size(0) > 0 ? at::maximum(p.amax(1), own_logits) : own_logits;
    p.sub_(top.unsqueeze(1)).exp_();
    const at::Tensor total = p.sum(1) + (own_logits - top).exp_();
    const at::Tensor losses = total.log() + (top - own_logits);
    outputs_.sum.add_((losses * weights).sum(at::kDouble));
    if (!inputs_.with_gradients()) return;

    const at::Tensor to_own = at::expm1(-losses).mul_(weights).unsqueeze_(1);  // w (p(target) - 1)
    const at::Tensor share = (weights / total).unsqueeze_(1);                  // turns p into w times probabilities
    block(outputs_.states_gradient).copy_(to_own * own).add_(at::mm(p, others_).mul_(share));
    if (!inputs_.items_gradient) return;
    block(own_gradient_).copy_(to_own * states);
    others_gradient_.addmm_(p.t(), states * share);
  }

  /// The logits [count, C] of the columns that are the target itself become -inf.
  static void hide_targets(at::Tensor& logits, const at::Tensor& first, const at::Tensor& last) {
    const at::Tensor column = at::arange(logits.size(1), first.options()).unsqueeze(0);
    logits.masked_fill_(column.ge(first.unsqueeze(1)).logical_and_(column.lt(last.unsqueeze(1))),
                        -std::numeric_limits<double>::infinity());
  }

  const SoftmaxInputs& inputs_;
  at::Tensor others_;                          // [C, D]
  at::Tensor first_, last_;                    // [P]: the columns [first, last) are the target itself
  at::Tensor own_gradient_, others_gradient_;  // [P, D], [C, D]
  SoftmaxOutputs outputs_;
};

struct SoftmaxFunction : torch::autograd::Function<SoftmaxFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& states, const at::Tensor& items,
                            const at::Tensor& targets, const at::Tensor& others, const at::Tensor& weights,
                            double target_offset, bool states_gradient, bool items_gradient) {
    const SoftmaxInputs inputs{.states = states.contiguous(),
                               .items = items,
                               .targets = targets.contiguous(),
                               .others = others,
                               .weights = weights,
                               .target_offset = target_offset,
                               .states_gradient = states_gradient,
                               .items_gradient = items_gradient};
    std::optional<SoftmaxOutputs> fused;
    if (states.is_cpu() && states.scalar_type() == at::kFloat) fused = fused_softmax(inputs);
    const SoftmaxOutputs outputs = fused ? *fused : SoftmaxBlocks(inputs).run();
    context->save_for_backward({outputs.states_gradient, outputs.items_gradient});
    return outputs.sum.to(states.scalar_type());
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    // The usual factor 1 saves a pass over the item table. A GPU would have to be waited for.
    const bool as_it_is = gradients[0].is_cpu() && gradients[0].item<double>() == 1;
    variable_list out(8);
    for (size_t i = 0; i < saved.size(); ++i)
      if (saved[i].defined()) out[i] = as_it_is ? saved[i] : saved[i] * gradients[0];
    return out;
  }
};

}  // namespace

at::Tensor softmax_loss(const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets,
                        const at::Tensor& others, const at::Tensor& weights, double target_offset) {
  const bool records = at::GradMode::is_enabled();
  return SoftmaxFunction::apply(states, items, targets, others, position_weights(states, weights), target_offset,
                                records && states.requires_grad(), records && items.requires_grad());
}

double sampling_offset(int64_t drawn, int64_t items) {
  return std::log(static_cast<double>(drawn) / static_cast<double>(items));
}

std::pair<at::Tensor, at::Tensor> with_offsets(const at::Tensor& vectors, const at::Tensor& items,
                                               const at::Tensor& offsets, const at::Tensor& weights) {
  const at::Tensor column = weights.defined() ? weights : at::ones({vectors.size(0), 1}, offsets.options());
  return {at::cat({vectors, column}, 1), at::cat({items, offsets.unsqueeze(1)}, 1)};
}

constinit const NextItemLoss kSoftmaxLoss = {
    .name = "softmax",
    .negatives = [](const PretrainOptions&) { return NegativePlan{}; },
    .value =
        [](const NextItemBatch& b, const PretrainOptions&) {
          if (!b.offsets.defined()) return softmax_loss(b.states, b.items, b.targets, b.catalogue, b.weights);
          const auto [states, items] = with_offsets(b.states, b.items, b.offsets);
          return softmax_loss(states, items, b.targets, b.catalogue, b.weights);
        },
};

constinit const NextItemLoss kSampledSoftmaxLoss = {
    .name = "sampled_softmax",
    .negatives =
        [](const PretrainOptions& options) {
          return NegativePlan{NegativeSource::items, options.num_negatives};
        },
    .value =
        [](const NextItemBatch& b, const PretrainOptions& options) {
          const double offset =
              options.correct_sampling ? sampling_offset(b.negatives.size(0), b.catalogue.size(0)) : 0;
          return softmax_loss(b.states, b.items, b.targets, b.negatives, b.weights, offset);
        },
};

}  // namespace latentcrs
