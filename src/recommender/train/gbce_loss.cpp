// gBCE: the loss and its gradients in one pass over the pairs of a position and a negative.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "numerics/linalg/kernels/pairs.h"
#include "recommender/train/next_item_losses.h"
#include "recommender/train/parallel_blocks.h"

namespace latentcrs {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kPairs = int64_t{1} << 20;  // of positions and negatives at a time
constexpr int64_t kMostPositions = 4096;      // at a time
constexpr int64_t kBlock = 32;                // positions that one thread takes at a time
constexpr int64_t kSegments = 8;              // of the pairs, sorted side by side

/// P positions with K negatives each, on one device; gradients where they are wanted.
struct GbceInputs {
  at::Tensor states, items;       ///< [P, D], [V, D]
  at::Tensor targets, negatives;  ///< [P], [P, K]
  at::Tensor weights;             ///< [P], of each of a position's K + 1 terms
  double beta = 1;
  bool with_gradients = false;

  int64_t count() const { return states.size(0); }
  int64_t width() const { return states.size(1); }
  int64_t draws() const { return negatives.size(1); }
  /// Positions at a time: they bound the memory.
  int64_t block() const { return std::clamp(kPairs / draws(), int64_t{1}, kMostPositions); }
};

struct GbceResult {
  at::Tensor sum;                              ///< of the weighted terms, double
  at::Tensor states_gradient, items_gradient;  ///< [P, D], [V, D]
};

/// Starts the result with the targets' terms.
GbceResult target_terms(const GbceInputs& inputs) {
  const at::Tensor own = inputs.items.index_select(0, inputs.targets);
  const at::Tensor logits = (inputs.states * own).sum(1, /*keepdim=*/true);
  GbceResult result;
  const at::Tensor weights = (inputs.beta * inputs.weights).unsqueeze(1);
  result.sum = at::zeros({}, own.options().dtype(at::kDouble));
  for (const at::Tensor& block : (at::softplus(-logits) * weights).split(kMostPositions))
    result.sum += block.sum(at::kDouble);
  if (!inputs.with_gradients) return result;
  const at::Tensor slopes = -weights / (1 + logits.exp());
  result.states_gradient = slopes * own;
  result.items_gradient = at::embedding_dense_backward(slopes * inputs.states, inputs.targets, inputs.items.size(0),
                                                       /*padding_idx=*/-1, false);
  return result;
}

/// Adds the terms of the negatives of positions [begin, begin + count), with LibTorch's operators.
void add_negatives(const GbceInputs& inputs, int64_t begin, int64_t count, GbceResult& result) {
  const at::Tensor negatives = inputs.negatives.narrow(0, begin, count);
  const at::Tensor states = inputs.states.narrow(0, begin, count);
  const at::Tensor weights = inputs.weights.narrow(0, begin, count).unsqueeze(1);
  const at::Tensor embedded =
      inputs.items.index_select(0, negatives.flatten()).view({count, inputs.draws(), inputs.width()});
  const at::Tensor logits = at::bmm(embedded, states.unsqueeze(2)).squeeze(2);
  result.sum += (at::softplus(logits) * weights).sum(at::kDouble);
  if (!inputs.with_gradients) return;
  const at::Tensor slopes = at::sigmoid(logits).mul_(weights);
  result.states_gradient.narrow(0, begin, count) += at::bmm(slopes.unsqueeze(1), embedded).squeeze(1);
  result.items_gradient += at::embedding_dense_backward(slopes.unsqueeze(2) * states.unsqueeze(1), negatives,
                                                        inputs.items.size(0), /*padding_idx=*/-1, false);
}

/// The same on the CPU, in float32, with loops of our own: the operators would gather P * K rows three times over.
class PairLoops {
 public:
  PairLoops(const GbceInputs& inputs, GbceResult& result)
      : inputs_(inputs),
        result_(result),
        positions_(inputs.block()),
        slopes_(std::make_unique_for_overwrite<float[]>(pairs_at_a_time())),
        sorted_(std::make_unique_for_overwrite<kernels::WeightedRow[]>(pairs_at_a_time())) {}

  void run() {
    for (int64_t begin = 0; begin < inputs_.count(); begin += positions_) {
      const int64_t count = std::min(positions_, inputs_.count() - begin);
      look_at(begin, count);
      if (inputs_.with_gradients) add_to_items(begin, count);
    }
  }

 private:
  size_t pairs_at_a_time() const {
    return inputs_.with_gradients ? static_cast<size_t>(std::min(positions_, inputs_.count()) * inputs_.draws()) : 0;
  }
  float* slopes(int64_t i) const { return slopes_.get() + i * inputs_.draws(); }
  const float* state(int64_t position) const { return inputs_.states.data_ptr<float>() + position * inputs_.width(); }
  const int32_t* rows(int64_t position) const {
    return inputs_.negatives.data_ptr<int32_t>() + position * inputs_.draws();
  }

  /// The losses of positions [begin, begin + count), their slopes and the gradient of their states.
  void look_at(int64_t begin, int64_t count) {
    const int64_t draws = inputs_.draws(), width = inputs_.width();
    const float* items = inputs_.items.data_ptr<float>();
    const float* weights = inputs_.weights.data_ptr<float>() + begin;
    float* gradient = inputs_.with_gradients ? result_.states_gradient.data_ptr<float>() + begin * width : nullptr;
    std::vector<double> sums(static_cast<size_t>((count + kBlock - 1) / kBlock));
    each_range(count, kBlock, [&](int64_t from, int64_t to) {
      double& sum = sums[static_cast<size_t>(from / kBlock)];
      for (int64_t i = from; i < to; ++i) {
        const kernels::PairRows pairs = {state(begin + i), items, rows(begin + i), draws, width};
        sum += weights[i] * (gradient == nullptr ? kernel_.look(pairs, weights[i], nullptr, nullptr)
                                                 : kernel_.look(pairs, weights[i], slopes(i), gradient + i * width));
      }
    });
    result_.sum += std::accumulate(sums.begin(), sums.end(), 0.0);
  }

  /// The gradient of the items: the pairs sorted by item, so that each row is summed by one thread, in their order.
  void add_to_items(int64_t begin, int64_t count) {
    const int64_t items = inputs_.items.size(0), width = inputs_.width();
    const int64_t segment = (count + kSegments - 1) / kSegments;
    // place[s][v]: where the next pair of segment s with row v goes.
    std::vector<std::vector<int32_t>> place(kSegments, std::vector<int32_t>(static_cast<size_t>(items)));
    each_range(count, segment, [&](int64_t from, int64_t to) {
      std::vector<int32_t>& found = place[static_cast<size_t>(from / segment)];
      for (const int32_t *row = rows(begin + from), *end = rows(begin + to); row < end; ++row)
        ++found[static_cast<size_t>(*row)];
    });
    std::vector<int32_t> starts(static_cast<size_t>(items) + 1);
    int32_t next = 0;
    for (size_t row = 0; row < static_cast<size_t>(items); ++row) {
      starts[row] = next;
      for (std::vector<int32_t>& of_segment : place) next += std::exchange(of_segment[row], next);
    }
    starts.back() = next;
    each_range(count, segment, [&](int64_t from, int64_t to) {
      sort_segment(begin, from, to, place[static_cast<size_t>(from / segment)]);
    });
    each_range(items, kBlock, [&](int64_t from, int64_t to) {
      for (int64_t row = from; row < to; ++row) {
        const int32_t first = starts[static_cast<size_t>(row)], last = starts[static_cast<size_t>(row) + 1];
        kernel_.add_rows(sorted_.get() + first, last - first, state(begin), width,
                         result_.items_gradient.data_ptr<float>() + row * width);
      }
    });
  }

  void sort_segment(int64_t begin, int64_t from, int64_t to, std::vector<int32_t>& place) {
    const int64_t draws = inputs_.draws();
    const float* slope = slopes(from);
    for (int64_t i = from; i < to; ++i)
      for (const int32_t *row = rows(begin + i), *end = row + draws; row < end; ++row, ++slope)
        sorted_[static_cast<size_t>(place[static_cast<size_t>(*row)]++)] = {static_cast<int32_t>(i), *slope};
  }

  const kernels::PairKernel& kernel_ = kernels::pair_kernel();
  const GbceInputs& inputs_;
  GbceResult& result_;
  int64_t positions_;                               // at a time
  std::unique_ptr<float[]> slopes_;                 // [positions, K]
  std::unique_ptr<kernels::WeightedRow[]> sorted_;  // the positions of each item with their slopes
};

GbceResult solve(const GbceInputs& inputs) {
  GbceResult result = target_terms(inputs);
  if (inputs.states.is_cpu() && inputs.states.scalar_type() == at::kFloat) {
    PairLoops(inputs, result).run();
    return result;
  }
  for (int64_t begin = 0; begin < inputs.count(); begin += inputs.block())
    add_negatives(inputs, begin, std::min(inputs.block(), inputs.count() - begin), result);
  return result;
}

struct GbceFunction : torch::autograd::Function<GbceFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& states, const at::Tensor& items,
                            const at::Tensor& targets, const at::Tensor& negatives, double beta,
                            const at::Tensor& weights, bool with_gradients) {
    const GbceInputs inputs{.states = states.contiguous(),
                            .items = items.contiguous(),
                            .targets = targets,
                            .negatives = negatives.contiguous(),
                            .weights = weights / static_cast<double>(negatives.size(1) + 1),
                            .beta = beta,
                            .with_gradients = with_gradients};
    const GbceResult result = solve(inputs);
    if (with_gradients) context->save_for_backward({result.states_gradient, result.items_gradient});
    return result.sum.to(states.scalar_type());
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    variable_list out = {saved[0] * gradients[0], saved[1] * gradients[0]};
    out.resize(7);
    return out;
  }
};

}  // namespace

at::Tensor gbce_loss(const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets,
                     const at::Tensor& negatives, double beta, const at::Tensor& weights) {
  const bool with_gradients = at::GradMode::is_enabled() && (states.requires_grad() || items.requires_grad());
  return GbceFunction::apply(states, items, targets, negatives, beta, position_weights(states, weights),
                             with_gradients);
}

double gbce_beta(int64_t negatives, int64_t items, double t) {
  const double alpha = static_cast<double>(negatives) / static_cast<double>(items - 1);
  return alpha * (t * (1 - 1 / alpha) + 1 / alpha);
}

constinit const NextItemLoss kGbceLoss = {
    .name = "gbce",
    .negatives =
        [](const PretrainOptions& options) {
          return NegativePlan{NegativeSource::other_items, options.num_negatives};
        },
    .value =
        [](const NextItemBatch& b, const PretrainOptions& options) {
          const double beta = gbce_beta(options.num_negatives, b.catalogue.size(0), options.gbce_t);
          return gbce_loss(b.states, b.items, b.targets, b.negatives, beta, b.weights);
        },
};

}  // namespace latentcrs
