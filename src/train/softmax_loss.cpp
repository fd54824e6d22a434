// The softmax losses: value and gradients in one pass over blocks of logits.
#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "train/next_item_losses.h"
#include "train/parallel_blocks.h"

namespace latentcrs {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kLogits = int64_t{1} << 22;        // of a block of positions, where that leaves kFewestRows
constexpr int64_t kDeviceLogits = int64_t{1} << 26;  // on a GPU: fewer, larger products
constexpr int64_t kFewestRows = 128, kMostRows = 512;
constexpr int64_t kTiles = 8, kNarrowestTile = 128, kWidestTile = 1024;  // columns that one thread takes at a time

/// Positions [P], the rows they are compared with, and the sizes of blocks, which depend on nothing else.
struct SoftmaxInputs {
  at::Tensor states;       ///< [P, D]
  at::Tensor own;          ///< [P, D], the targets' embeddings
  at::Tensor others;       ///< [C, D]
  at::Tensor weights;      ///< [P], of the positions' losses in the sum
  at::Tensor first, last;  ///< [P]: the columns [first, last) are the target itself

  int64_t count() const { return states.size(0); }
  int64_t columns() const { return others.size(0); }
  int64_t tile() const {
    if (!states.is_cpu()) return std::max<int64_t>(columns(), 1);
    const int64_t share = (columns() + kTiles - 1) / kTiles;
    return std::clamp((share + 15) / 16 * 16, kNarrowestTile, kWidestTile);
  }
  int64_t block() const {
    if (!states.is_cpu()) return std::max(kDeviceLogits / std::max<int64_t>(columns(), 1), kFewestRows);
    return std::clamp(kLogits / std::max<int64_t>(columns(), 1), kFewestRows, kMostRows);
  }
};

/// One block of R positions against one tile of T columns.
struct Tile {
  at::Tensor columns;     ///< [T, D]
  at::Tensor p;           ///< [R, T], exponentials of the logits less `top`
  at::Tensor top, total;  ///< [R], the largest logit (at least the target's), and the sum of p
  at::Tensor product;     ///< [R, D], p times the columns
};

/// Column j of `logits` is column begin + j of all: those of the target become -inf.
void hide_targets(at::Tensor& logits, int64_t begin, const at::Tensor& first, const at::Tensor& last) {
  constexpr double kNever = -std::numeric_limits<double>::infinity();
  const int64_t rows = logits.size(0), width = logits.size(1);
  if (!logits.is_cpu()) {
    const at::Tensor column = at::arange(begin, begin + width, first.options()).unsqueeze(0);
    logits.masked_fill_(column.ge(first.unsqueeze(1)).logical_and_(column.lt(last.unsqueeze(1))), kNever);
    return;
  }
  const int64_t *from = first.data_ptr<int64_t>(), *to = last.data_ptr<int64_t>();
  AT_DISPATCH_FLOATING_TYPES(logits.scalar_type(), "hide_targets", [&] {
    scalar_t* row = logits.data_ptr<scalar_t>();
    for (int64_t i = 0; i < rows; ++i, row += width) {
      const int64_t low = std::max(from[i] - begin, int64_t{0}), high = std::min(to[i] - begin, width);
      for (int64_t j = low; j < high; ++j) row[j] = static_cast<scalar_t>(kNever);
    }
  });
}

class SoftmaxLoss {
 public:
  SoftmaxLoss(const SoftmaxInputs& inputs, bool with_gradients) : inputs_(inputs), with_gradients_(with_gradients) {
    sum_ = at::zeros({}, inputs.states.options().dtype(at::kDouble));
    if (!with_gradients) return;
    states_gradient_ = at::empty_like(inputs.states);
    own_gradient_ = at::empty_like(inputs.states);
    others_gradient_ = at::zeros_like(inputs.others);
  }

  void run() {
    const int64_t block = inputs_.block();
    buffer_ = at::empty({std::min(block, inputs_.count()) * inputs_.columns()}, inputs_.states.options());
    for (int64_t begin = 0; begin < inputs_.count(); begin += block)
      run_block(begin, std::min(block, inputs_.count() - begin));
  }

  at::Tensor sum() const { return sum_.to(inputs_.states.scalar_type()); }
  const at::Tensor& states_gradient() const { return states_gradient_; }
  const at::Tensor& own_gradient() const { return own_gradient_; }
  const at::Tensor& others_gradient() const { return others_gradient_; }

 private:
  void run_block(int64_t begin, int64_t rows) {
    const at::Tensor states = inputs_.states.narrow(0, begin, rows), own = inputs_.own.narrow(0, begin, rows);
    const at::Tensor weights = inputs_.weights.narrow(0, begin, rows);
    const at::Tensor own_logits = (states * own).sum(1);
    const int64_t width = inputs_.tile(), columns = inputs_.columns();
    std::vector<Tile> tiles(static_cast<size_t>((columns + width - 1) / width));
    each_range(columns, width, [&](int64_t from, int64_t to) {
      tiles[static_cast<size_t>(from / width)] = exponentials(begin, states, own_logits, from, to);
    });

    at::Tensor top = own_logits;
    for (const Tile& tile : tiles) top = at::maximum(top, tile.top);
    at::Tensor total = (own_logits - top).exp_();
    for (const Tile& tile : tiles) total.addcmul_((tile.top - top).exp_(), tile.total);
    const at::Tensor log_total = top + total.log();
    sum_.add_(((log_total - own_logits) * weights).sum(at::kDouble));
    if (!with_gradients_) return;

    const at::Tensor to_own = at::expm1(own_logits - log_total).mul_(weights).unsqueeze_(1);  // w (p(target) - 1)
    own_gradient_.narrow(0, begin, rows).copy_(to_own * states);
    at::Tensor states_gradient = states_gradient_.narrow(0, begin, rows).copy_(to_own * own);
    for (const Tile& tile : tiles) states_gradient.add_(tile.product * share(tile, log_total, weights));
    each_range(columns, width, [&](int64_t from, int64_t to) {
      const Tile& tile = tiles[static_cast<size_t>(from / width)];
      others_gradient_.narrow(0, from, to - from).addmm_(tile.p.t(), states * share(tile, log_total, weights));
    });
  }

  Tile exponentials(int64_t begin, const at::Tensor& states, const at::Tensor& own_logits, int64_t from, int64_t to) {
    const int64_t rows = states.size(0), width = to - from;
    Tile tile;
    tile.columns = inputs_.others.narrow(0, from, width);
    tile.p = buffer_.narrow(0, rows * from, rows * width).view({rows, width});
    at::mm_out(tile.p, states, tile.columns.t());
    hide_targets(tile.p, from, inputs_.first.narrow(0, begin, rows), inputs_.last.narrow(0, begin, rows));
    tile.top = at::maximum(tile.p.amax(1), own_logits);
    tile.p.sub_(tile.top.unsqueeze(1)).exp_();
    tile.total = tile.p.sum(1);
    if (with_gradients_) tile.product = at::mm(tile.p, tile.columns);
    return tile;
  }

  /// The factors [R, 1] that turn a tile's p into weighted probabilities.
  static at::Tensor share(const Tile& tile, const at::Tensor& log_total, const at::Tensor& weights) {
    return (tile.top - log_total).exp_().mul_(weights).unsqueeze_(1);
  }

  const SoftmaxInputs& inputs_;
  bool with_gradients_;
  at::Tensor buffer_;  // the logits of a block, tile after tile
  at::Tensor sum_;     // of the losses
  at::Tensor states_gradient_, own_gradient_, others_gradient_;
};

struct SoftmaxFunction : torch::autograd::Function<SoftmaxFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& states, const at::Tensor& items,
                            const at::Tensor& targets, const at::Tensor& others, const at::Tensor& weights,
                            bool with_gradients) {
    const SoftmaxInputs inputs{
        .states = states.contiguous(),
        .own = items.index_select(0, targets),
        .others = items.index_select(0, others),
        .weights = weights,
        .first = at::searchsorted(others, targets.contiguous()),
        .last = at::searchsorted(others, targets.contiguous(), /*out_int32=*/false, /*right=*/true)};
    SoftmaxLoss loss(inputs, with_gradients);
    loss.run();
    if (with_gradients) {
      const at::Tensor items_gradient =
          at::embedding_dense_backward(at::cat({loss.others_gradient(), loss.own_gradient()}),
                                       at::cat({others, targets}), items.size(0), /*padding_idx=*/-1, false);
      context->save_for_backward({loss.states_gradient(), items_gradient});
    }
    return loss.sum();
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    variable_list out = {saved[0] * gradients[0], saved[1] * gradients[0]};
    out.resize(6);
    return out;
  }
};

}  // namespace

at::Tensor softmax_loss(const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets,
                        const at::Tensor& others, const at::Tensor& weights) {
  const bool with_gradients = at::GradMode::is_enabled() && (states.requires_grad() || items.requires_grad());
  return SoftmaxFunction::apply(states, items, targets, others, position_weights(states, weights), with_gradients);
}

constinit const NextItemLoss kSoftmaxLoss = {
    .name = "softmax",
    .negatives = [](const PretrainOptions&) { return NegativePlan{}; },
    .value = [](const NextItemBatch& b,
                const PretrainOptions&) { return softmax_loss(b.states, b.items, b.targets, b.catalogue, b.weights); },
};

constinit const NextItemLoss kSampledSoftmaxLoss = {
    .name = "sampled_softmax",
    .negatives =
        [](const PretrainOptions& options) {
          return NegativePlan{NegativeSource::items, options.num_negatives};
        },
    .value = [](const NextItemBatch& b,
                const PretrainOptions&) { return softmax_loss(b.states, b.items, b.targets, b.negatives, b.weights); },
};

}  // namespace latentcrs
