#include "train/fused_softmax.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>
#include <vector>

#include "linalg/aligned_vector.h"
#include "linalg/logit_tiles.h"
#include "train/parallel_blocks.h"

namespace latentcrs {

namespace {

using kernels::LogitKernel;
using kernels::LogitTile;

constexpr int64_t kWidthMultiple = 16;  // of the kernels
constexpr int64_t kKeptItems = 8192;    // at most: their exponentials are kept
constexpr int64_t kKeptColumns = 128;   // positions whose exponentials are kept at a time
constexpr float kHidden = -std::numeric_limits<float>::infinity();
constexpr int64_t kGroups = 8;  // of blocks of positions, each of which sums up a gradient of the items

bool are_consecutive(const at::Tensor& rows) {
  const int64_t* row = rows.data_ptr<int64_t>();
  for (int64_t i = 1; i < rows.numel(); ++i)
    if (row[i] != row[0] + i) return false;
  return rows.numel() > 0;
}

/// Exponentials of a block of positions with all items.
struct KeptTiles {
  explicit KeptTiles(const TileGrid& grid)
      : size(LogitTile{nullptr, kTileItems, grid.blocks.step}.line() * kTileItems),
        exponentials(static_cast<size_t>(grid.tiles.count * size)),
        tops(static_cast<size_t>(grid.tiles.count * kTileColumns)) {}
  LogitTile tile(int64_t t, int64_t rows, int64_t columns) { return {exponentials.data() + t * size, rows, columns}; }
  float* top(int64_t t) { return tops.data() + t * kTileColumns; }

  int64_t size;  ///< floats of a tile
  AlignedVector<float> exponentials;
  std::vector<float> tops;  ///< of each tile the tops that its exponentials stand on
};

/// Logits are in units of ln 2, so that exponentials are powers of two.
class FusedSoftmax {
 public:
  explicit FusedSoftmax(const SoftmaxInputs& inputs)
      : inputs_(inputs),
        width_(inputs.states.size(1)),
        consecutive_(are_consecutive(inputs.others)),
        others_(consecutive_ ? inputs.items.narrow(0, inputs.others[0].item<int64_t>(), inputs.others.numel())
                             : inputs.items.index_select(0, inputs.others)),
        scaled_((inputs.states * std::numbers::log2e).contiguous()),
        hidden_from_(at::searchsorted(inputs.others, inputs.targets)),
        hidden_to_(at::searchsorted(inputs.others, inputs.targets, /*out_int32=*/false, /*right=*/true)),
        keep_(inputs.items_gradient && others_.size(0) <= kKeptItems),
        grid_(keep_ ? TileGrid(others_.size(0), count(), kKeptColumns) : TileGrid(others_.size(0), count())),
        panels_(static_cast<size_t>(kernels::whole_panels(count()) * width_)),
        own_(static_cast<size_t>(kernels::whole_panels(count()))),
        log_totals_(own_.size()),
        starts_(own_.size()),
        tops_(index(segments() * count())),
        totals_(tops_.size()) {}

  SoftmaxOutputs run() {
    kernel_.pack({floats(scaled_), count(), width_}, panels_.data());
    each_range(count(), kTileColumns, [&](int64_t begin, int64_t end) {
      for (int64_t j = begin; j < end; ++j) own_[index(j)] = kernel_.dot(scaled(j), item(target(j)), width_);
    });
    if (inputs_.states_gradient) products_ = at::empty({segments(), count(), width_}, scaled_.options());
    if (inputs_.items_gradient) weighted_ = inputs_.states * inputs_.weights.unsqueeze(1);
    if (keep_)
      look_once();
    else
      look_at_items();
    SoftmaxOutputs outputs;
    outputs.sum = at::scalar_tensor(sum_of_losses(), at::kDouble);
    if (inputs_.states_gradient) outputs.states_gradient = states_gradient();
    if (inputs_.items_gradient) outputs.items_gradient = items_gradient();
    return outputs;
  }

 private:
  static size_t index(int64_t i) { return static_cast<size_t>(i); }
  static float* floats(const at::Tensor& tensor) { return tensor.data_ptr<float>(); }
  int64_t count() const { return inputs_.states.size(0); }
  int64_t target(int64_t position) const { return inputs_.targets.data_ptr<int64_t>()[position]; }
  float weight(int64_t position) const { return floats(inputs_.weights)[position]; }
  const float* scaled(int64_t position) const { return floats(scaled_) + position * width_; }
  const float* item(int64_t row) const { return floats(inputs_.items) + row * width_; }
  const float* other(int64_t c) const { return floats(others_) + c * width_; }
  const float* panels(int64_t position) const { return panels_.data() + position * width_; }

  int64_t segments() const { return grid_.segments.count; }
  size_t place(int64_t segment, int64_t position) const { return index(segment * count() + position); }

  /// The logits that are the target itself become -inf.
  void hide_targets(const LogitTile& tile, Span items, Span positions) const {
    const int64_t *from = hidden_from_.data_ptr<int64_t>(), *to = hidden_to_.data_ptr<int64_t>();
    for (int64_t j = positions.begin; j < positions.end; ++j)
      for (int64_t i = std::max(from[j], items.begin); i < std::min(to[j], items.end); ++i)
        tile.data[(i - items.begin) * tile.line() + j - positions.begin] = kHidden;
  }

  /// Of each position the logarithm of its sum, and its sums of exponentials times items.
  void look_at_items() {
    each_unit(grid_.units(), width_, [&](TileMemory& memory, int64_t unit) {
      look_at_segment(memory, grid_.segment(unit), grid_.block(unit), nullptr);
    });
    each_range(count(), kTileColumns, [&](int64_t begin, int64_t end) { join_segments({begin, end}); });
  }

  /// The same with the gradient of the items, of each group of positions for itself.
  void look_once() {
    const Cuts groups(grid_.blocks.count, (grid_.blocks.count + kGroups - 1) / kGroups);
    of_groups_ = at::zeros({groups.count, others_.size(0), width_}, scaled_.options());
    const auto memories = [this] { return std::pair(TileMemory(width_), KeptTiles(grid_)); };
    share_units(groups.count, memories, [&](auto& memory, int64_t group) {
      for (int64_t b = groups[group].begin; b < groups[group].end; ++b) {
        look_at_segment(memory.first, 0, grid_.blocks[b], &memory.second);
        join_segments(grid_.blocks[b]);
        look_back(memory.first, memory.second, grid_.blocks[b], floats(of_groups_) + group * others_.size(0) * width_);
      }
    });
  }

  /// The exponentials stay in `kept`, unless it is null.
  void look_at_segment(TileMemory& memory, int64_t segment, Span positions, KeptTiles* kept) {
    std::vector<float> top(kTileColumns);
    std::copy(own_.begin() + positions.begin, own_.begin() + positions.end, top.begin());
    std::vector<double> total(kTileColumns);
    const auto first = static_cast<int64_t>(place(segment, positions.begin));
    float* const products = inputs_.states_gradient ? floats(products_) + first * width_ : nullptr;
    if (products != nullptr) std::fill_n(products, positions.count() * width_, 0.0f);
    for (int64_t t = grid_.segments[segment].begin; t < grid_.segments[segment].end; ++t) {
      const Span items = grid_.tiles[t];
      const LogitTile tile = kept != nullptr ? kept->tile(t, items.count(), positions.count())
                                             : memory.tile(items.count(), positions.count());
      kernel_.multiply(other(items.begin), panels(positions.begin), width_, nullptr, tile);
      hide_targets(tile, items, positions);
      kernel_.softmax(tile, {top.data(), memory.totals.data(), memory.scales.data()});
      for (size_t j = 0; j < total.size(); ++j)
        total[j] = total[j] * static_cast<double>(memory.scales[j]) + static_cast<double>(memory.totals[j]);
      if (products != nullptr)
        kernel_.add_to_columns(tile, {other(items.begin), items.count(), width_}, memory.scales.data(),
                               memory.scratch.data(), products);
      if (kept != nullptr) std::copy(top.begin(), top.end(), kept->top(t));
    }
    std::copy_n(top.begin(), positions.count(), tops_.begin() + first);
    std::copy_n(total.begin(), positions.count(), totals_.begin() + first);
  }

  void join_segments(Span positions) {
    for (int64_t j = positions.begin; j < positions.end; ++j) {
      const double own = own_[index(j)];
      double top = own;
      for (int64_t s = 0; s < segments(); ++s) top = std::max(top, static_cast<double>(tops_[place(s, j)]));
      double total = std::exp2(own - top);
      for (int64_t s = 0; s < segments(); ++s)
        total += std::exp2(static_cast<double>(tops_[place(s, j)]) - top) * totals_[place(s, j)];
      log_totals_[index(j)] = top + std::log2(total);
      starts_[index(j)] = -static_cast<float>(log_totals_[index(j)]);
    }
  }

  /// Adds kept exponentials, which become probabilities by the positions' vectors: those are multiplied by
  /// 2^(top - log total), which changes from tile to tile only where the top rose.
  void look_back(TileMemory& memory, KeptTiles& kept, Span positions, float* gradient) const {
    AlignedVector<float> vectors(index(positions.count() * width_)), factors(kTileColumns + kernels::kPanel);
    for (int64_t t = 0; t < grid_.tiles.count; ++t) {
      const Span items = grid_.tiles[t];
      for (int64_t j = 0; j < positions.count(); ++j)
        factors[index(j)] = kept.top(t)[j] + starts_[index(positions.begin + j)];
      kernel_.powers({factors.data(), 1, positions.count()});
      for (int64_t j = 0; j < positions.count(); ++j) {
        if (t > 0 && kept.top(t)[j] == kept.top(t - 1)[j]) continue;
        const float* const from = floats(weighted_) + (positions.begin + j) * width_;
        for (int64_t d = 0; d < width_; ++d) vectors[index(j * width_ + d)] = factors[index(j)] * from[d];
      }
      kernel_.add_to_rows(kept.tile(t, items.count(), positions.count()), {vectors.data(), positions.count(), width_},
                          memory.scratch.data(), gradient + items.begin * width_);
    }
  }

  double loss(int64_t j) const {
    return (log_totals_[index(j)] - static_cast<double>(own_[index(j)])) * std::numbers::ln2;
  }
  double sum_of_losses() const {
    double sum = 0;
    for (int64_t j = 0; j < count(); ++j) sum += loss(j) * static_cast<double>(weight(j));
    return sum;
  }

  /// w (p(target) - 1): the derivative by the target's logit.
  float slope(int64_t j) const { return static_cast<float>(std::expm1(-loss(j)) * static_cast<double>(weight(j))); }

  at::Tensor states_gradient() const {
    const at::Tensor gradient = at::empty({count(), width_}, scaled_.options());
    at::parallel_for(0, count(), kTileColumns, [&](int64_t begin, int64_t end) {
      for (int64_t j = begin; j < end; ++j) {
        float* const to = floats(gradient) + j * width_;
        const float *own = item(target(j)), own_slope = slope(j);
        for (int64_t d = 0; d < width_; ++d) to[d] = own_slope * own[d];
        for (int64_t s = 0; s < segments(); ++s) {
          const double share = std::exp2(static_cast<double>(tops_[place(s, j)]) - log_totals_[index(j)]);
          const auto factor = static_cast<float>(share * static_cast<double>(weight(j)));
          const float* const product = floats(products_) + static_cast<int64_t>(place(s, j)) * width_;
          for (int64_t d = 0; d < width_; ++d) to[d] += factor * product[d];
        }
      }
    });
    return gradient;
  }

  at::Tensor items_gradient() const {
    const at::Tensor gradient = at::zeros_like(inputs_.items);
    const at::Tensor of_others =
        consecutive_ ? gradient.narrow(0, inputs_.others[0].item<int64_t>(), others_.size(0)) : at::zeros_like(others_);
    if (keep_)
      join_groups(floats(of_others));
    else
      look_again(floats(of_others));
    if (!consecutive_)
      for (int64_t c = 0; c < others_.size(0); ++c)
        add_row(1, floats(of_others) + c * width_, inputs_.others.data_ptr<int64_t>()[c], gradient);
    for (int64_t j = 0; j < count(); ++j) add_row(slope(j), floats(inputs_.states) + j * width_, target(j), gradient);
    return gradient;
  }

  void join_groups(float* gradient) const {
    const int64_t size = others_.numel();
    const float* const of_groups = floats(of_groups_);
    each_range(size, kTileItems * width_, [&](int64_t begin, int64_t end) {
      for (int64_t g = 0; g < of_groups_.size(0); ++g)
        for (int64_t i = begin; i < end; ++i) gradient[i] += of_groups[g * size + i];
    });
  }

  /// Multiplies the logits again, now that the sums are known.
  void look_again(float* gradient) const {
    each_unit(grid_.tiles.count, width_, [&](TileMemory& memory, int64_t t) {
      const Span items = grid_.tiles[t];
      for (int64_t b = 0; b < grid_.blocks.count; ++b) {
        const Span positions = grid_.blocks[b];
        const LogitTile tile = memory.tile(items.count(), positions.count());
        kernel_.multiply(other(items.begin), panels(positions.begin), width_, starts_.data() + positions.begin, tile);
        hide_targets(tile, items, positions);
        kernel_.powers(tile);
        kernel_.add_to_rows(tile, {floats(weighted_) + positions.begin * width_, positions.count(), width_},
                            memory.scratch.data(), gradient + items.begin * width_);
      }
    });
  }

  void add_row(float factor, const float* row, int64_t item, const at::Tensor& gradient) const {
    float* const to = floats(gradient) + item * width_;
    for (int64_t d = 0; d < width_; ++d) to[d] += factor * row[d];
  }

  const LogitKernel& kernel_ = kernels::logit_kernel();
  const SoftmaxInputs& inputs_;
  int64_t width_;
  bool consecutive_;                    // whether `others` are rows that follow each other
  at::Tensor others_;                   // [C, D], their vectors
  at::Tensor scaled_;                   // [P, D], states / ln 2
  at::Tensor hidden_from_, hidden_to_;  // [P]: of `others`, these are the target itself
  bool keep_;                           // whether exponentials are kept for the gradient of the items
  TileGrid grid_;
  AlignedVector<float> panels_;      // the scaled states, packed
  std::vector<float> own_;           // [P], the targets' logits
  std::vector<double> log_totals_;   // [P]
  std::vector<float> starts_;        // [P], -log_totals_
  std::vector<float> tops_;          // [segments, P], the largest logits
  std::vector<double> totals_;       // [segments, P], sums of exponentials that stand on `tops_`
  at::Tensor products_;              // [segments, P, D], sums of exponentials times items
  at::Tensor weighted_, of_groups_;  // [P, D], weights times states; [groups, C, D], gradients of `others`
};

/// x [N, D] with columns of zeros up to a multiple of kWidthMultiple.
at::Tensor widened(const at::Tensor& x) {
  const int64_t missing = (kWidthMultiple - x.size(1) % kWidthMultiple) % kWidthMultiple;
  return missing == 0 ? x.contiguous() : at::constant_pad_nd(x, {0, missing});
}
at::Tensor narrowed(const at::Tensor& x, int64_t width) {
  return x.defined() && x.size(1) != width ? x.narrow(1, 0, width).contiguous() : x;
}

}  // namespace

SoftmaxOutputs fused_softmax(const SoftmaxInputs& inputs) {
  SoftmaxInputs prepared = inputs;
  prepared.states = widened(inputs.states);
  prepared.items = widened(inputs.items);
  prepared.targets = inputs.targets.contiguous();
  prepared.others = inputs.others.contiguous();
  prepared.weights = inputs.weights.contiguous();
  SoftmaxOutputs outputs = FusedSoftmax(prepared).run();
  const int64_t width = inputs.states.size(1);
  outputs.states_gradient = narrowed(outputs.states_gradient, width);
  outputs.items_gradient = narrowed(outputs.items_gradient, width);
  return outputs;
}

}  // namespace latentcrs
