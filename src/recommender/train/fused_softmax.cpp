#include "recommender/train/fused_softmax.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <compare>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include "numerics/linalg/aligned_vector.h"
#include "numerics/linalg/amx/split_kernel.h"
#include "numerics/linalg/logit_tiles.h"
#include "recommender/train/parallel_blocks.h"
#include "recommender/train/split_softmax.h"

namespace latentcrs {

namespace {

using kernels::LogitKernel;
using kernels::LogitTile;

constexpr int64_t kKeptItems = 8192;      // at most: their exponentials are kept
constexpr int64_t kKeptColumns = 128;     // positions whose exponentials are kept at a time
constexpr int64_t kGroups = 8;            // of blocks of positions, each of which sums up a gradient of the items
constexpr float kAboveTarget = 30;        // of a shift: the target's exponential lies about in the middle of float32's
constexpr double kLargestTotal = 0x1p90;  // of a position's exponentials: a logit 120 above the target's reaches it

bool are_consecutive(const at::Tensor& rows) {
  const int64_t* row = rows.data_ptr<int64_t>();
  for (int64_t i = 1; i < rows.numel(); ++i)
    if (row[i] != row[0] + i) return false;
  return rows.numel() > 0;
}

/// The others of each position that are its target itself.
std::vector<HiddenTarget> hidden_targets(const SoftmaxInputs& inputs) {
  const at::Tensor begin = at::searchsorted(inputs.others, inputs.targets);
  const at::Tensor end = at::searchsorted(inputs.others, inputs.targets, /*out_int32=*/false, /*right=*/true);
  std::vector<HiddenTarget> hidden;
  for (int64_t j = 0; j < inputs.targets.numel(); ++j)
    for (int64_t i = begin.data_ptr<int64_t>()[j]; i < end.data_ptr<int64_t>()[j]; ++i) hidden.push_back({i, j});
  return hidden;
}

/// The same in blocks of positions.
struct HiddenItem {
  int64_t block, item, position;
  auto operator<=>(const HiddenItem&) const = default;
};

/// In blocks of `step` positions, sorted.
std::vector<HiddenItem> in_blocks(const std::vector<HiddenTarget>& targets, int64_t step) {
  std::vector<HiddenItem> hidden;
  hidden.reserve(targets.size());
  for (const auto& [item, position] : targets) hidden.push_back({position / step, item, position});
  std::sort(hidden.begin(), hidden.end());
  return hidden;
}

/// Exponentials of a block of positions with all items.
struct KeptTiles {
  explicit KeptTiles(const TileGrid& grid)
      : size(LogitTile{nullptr, kTileItems, grid.blocks.step}.line() * kTileItems),
        exponentials(static_cast<size_t>(grid.tiles.count * size)) {}
  LogitTile tile(int64_t t, int64_t rows, int64_t columns) { return {exponentials.data() + t * size, rows, columns}; }

  int64_t size;  ///< floats of a tile
  AlignedVector<float> exponentials;
};

/// Logits are in units of ln 2, so that exponentials are powers of two. Those of a position stand on its shift.
class FusedSoftmax {
 public:
  explicit FusedSoftmax(const SoftmaxInputs& inputs)
      : inputs_(inputs),
        width_(inputs.states.size(1)),
        consecutive_(are_consecutive(inputs.others)),
        others_(consecutive_ ? inputs.items.narrow(0, inputs.others[0].item<int64_t>(), inputs.others.numel())
                             : inputs.items.index_select(0, inputs.others)),
        scaled_((inputs.states * std::numbers::log2e).contiguous()),
        keep_(inputs.items_gradient && others_.size(0) <= kKeptItems),
        grid_(keep_ ? TileGrid(others_.size(0), count(), kKeptColumns) : TileGrid(others_.size(0), count())),
        split_(split()),
        panels_(static_cast<size_t>(kernels::whole_panels(count()) * width_)),
        own_(static_cast<size_t>(kernels::whole_panels(count()))),
        shifts_(own_.size()),
        totals_(own_.size()),
        totals_of_segments_(index(segments() * count())) {
    if (!split_) hidden_ = in_blocks(hidden_targets(inputs), grid_.blocks.step);
  }

  std::optional<SoftmaxOutputs> run() {
    kernel_.pack({floats(scaled_), count(), width_}, panels_.data());
    const auto offset = static_cast<float>(inputs_.target_offset * std::numbers::log2e);
    each_range(count(), kTileColumns, [&](int64_t begin, int64_t end) {
      for (int64_t j = begin; j < end; ++j) own_[index(j)] = kernel_.dot(scaled(j), item(target(j)), width_) + offset;
    });
    if (inputs_.states_gradient) products_ = at::empty({segments(), count(), width_}, scaled_.options());
    if (inputs_.items_gradient) shares_ = at::empty_like(scaled_);
    for (int64_t j = 0; j < count(); ++j) shifts_[index(j)] = std::ceil(own_[index(j)]) + kAboveTarget;
    if (!look()) {
      shift_to_largest_logits();
      if (!look()) return std::nullopt;
    }
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

  std::optional<SplitSoftmax> split() const {
    const kernels::SplitKernel* const kernel = kernels::split_kernel();
    if (kernel == nullptr) return std::nullopt;
    return SplitSoftmax(*kernel, {floats(scaled_), count(), width_}, {floats(others_), others_.size(0), width_},
                        hidden_targets(inputs_), keep_ ? SplitSoftmax::Looks::one : SplitSoftmax::Looks::two);
  }

  int64_t segments() const { return split_ ? split_->segments() : grid_.segments.count; }
  int64_t place(int64_t segment, int64_t position) const { return segment * count() + position; }

  /// Of each position the sum of its exponentials, and its sums of exponentials times items. With kept tiles the
  /// gradient of the items as well, of each group of positions for itself. False where a logit lies too far from its
  /// position's shift, or a shift too far from 0.
  bool look() {
    for (int64_t j = 0; j < count(); ++j)
      if (!(std::abs(shifts_[index(j)]) <= kernels::kLargestShift)) return false;
    if (keep_ && split_)
      look_once_split();
    else if (keep_)
      look_once();
    else
      look_at_items();
    return std::all_of(totals_.begin(), totals_.begin() + count(), [](double total) { return total <= kLargestTotal; });
  }

  void look_at_items() {
    if (split_)
      split_->look_at_items(shifts_.data(), totals_of_segments_.data(),
                            inputs_.states_gradient ? floats(products_) : nullptr);
    else
      each_unit(grid_.units(), [&](TileMemory& memory, int64_t unit) {
        look_at_segment(memory, grid_.segment(unit), grid_.block(unit), nullptr);
      });
    each_range(count(), kTileColumns, [&](int64_t begin, int64_t end) { join_segments({begin, end}); });
  }

  void look_once_split() {
    of_groups_ = at::empty({1, others_.size(0), width_}, scaled_.options());
    split_->look_once(shifts_.data(), totals_of_segments_.data(), inputs_.states_gradient ? floats(products_) : nullptr,
                      floats(shares_), floats(of_groups_), [this](Span positions) { join_segments(positions); });
  }

  void look_once() {
    const Cuts groups(grid_.blocks.count, (grid_.blocks.count + kGroups - 1) / kGroups);
    of_groups_ = at::zeros({groups.count, others_.size(0), width_}, scaled_.options());
    const auto memories = [this] { return std::pair(TileMemory(), KeptTiles(grid_)); };
    share_units(groups.count, memories, [&](auto& memory, int64_t group) {
      for (int64_t b = groups[group].begin; b < groups[group].end; ++b) {
        look_at_segment(memory.first, 0, grid_.blocks[b], &memory.second);
        join_segments(grid_.blocks[b]);
        look_back(memory.second, grid_.blocks[b], floats(of_groups_) + group * others_.size(0) * width_);
      }
    });
  }

  /// The exponentials stay in `kept`, unless it is null.
  void look_at_segment(TileMemory& memory, int64_t segment, Span positions, KeptTiles* kept) {
    const int64_t first = place(segment, positions.begin);
    double* const totals = totals_of_segments_.data() + first;
    std::fill_n(totals, positions.count(), 0.0);
    float* const products = inputs_.states_gradient ? floats(products_) + first * width_ : nullptr;
    if (products != nullptr) std::fill_n(products, positions.count() * width_, 0.0f);
    for (int64_t t = grid_.segments[segment].begin; t < grid_.segments[segment].end; ++t) {
      const Span items = grid_.tiles[t];
      const LogitTile tile = kept != nullptr ? kept->tile(t, items.count(), positions.count())
                                             : memory.tile(items.count(), positions.count());
      fill(tile, items, positions);
      std::fill(memory.totals.begin(), memory.totals.end(), 0.0f);
      kernel_.add_up(tile, memory.totals.data());
      for (int64_t j = 0; j < positions.count(); ++j) totals[j] += static_cast<double>(memory.totals[index(j)]);
      if (products != nullptr) kernel_.add_to_columns(tile, {other(items.begin), items.count(), width_}, products);
    }
  }

  /// Exponentials of items and positions; 0 for an item that is the target itself.
  void fill(const LogitTile& tile, Span items, Span positions) const {
    kernel_.exponentials(other(items.begin), panels(positions.begin), width_, shifts_.data() + positions.begin, tile);
    const HiddenItem first{positions.begin / grid_.blocks.step, items.begin, 0};
    for (auto hidden = std::lower_bound(hidden_.begin(), hidden_.end(), first);
         hidden != hidden_.end() && hidden->block == first.block && hidden->item < items.end; ++hidden)
      tile.data[(hidden->item - items.begin) * tile.line() + hidden->position - positions.begin] = 0;
  }

  void join_segments(Span positions) {
    for (int64_t j = positions.begin; j < positions.end; ++j) {
      double total = std::exp2(static_cast<double>(own_[index(j)]) - static_cast<double>(shifts_[index(j)]));
      for (int64_t s = 0; s < segments(); ++s) total += totals_of_segments_[index(place(s, j))];
      totals_[index(j)] = total;
      if (!inputs_.items_gradient) continue;
      const float factor = share(j);
      const float* const state = floats(inputs_.states) + j * width_;
      float* const to = floats(shares_) + j * width_;
      for (int64_t d = 0; d < width_; ++d) to[d] = factor * state[d];
    }
  }

  void look_back(KeptTiles& kept, Span positions, float* gradient) const {
    for (int64_t t = 0; t < grid_.tiles.count; ++t)
      add_to_items(kept.tile(t, grid_.tiles[t].count(), positions.count()), positions,
                   gradient + grid_.tiles[t].begin * width_);
  }

  void add_to_items(const LogitTile& tile, Span positions, float* gradient) const {
    kernel_.add_to_rows(tile, {floats(shares_) + positions.begin * width_, positions.count(), width_}, gradient);
  }

  /// For logits that lie far above the target's.
  void shift_to_largest_logits() {
    each_unit(grid_.blocks.count, [&](TileMemory& memory, int64_t b) {
      const Span positions = grid_.blocks[b];
      AlignedVector<float> tops(own_.begin() + positions.begin,
                                own_.begin() + positions.begin + kernels::whole_panels(positions.count()));
      for (int64_t t = 0; t < grid_.tiles.count; ++t) {
        const LogitTile tile = memory.tile(grid_.tiles[t].count(), positions.count());
        kernel_.multiply(other(grid_.tiles[t].begin), panels(positions.begin), width_, tile);
        kernel_.raise(tile, tops.data());
      }
      for (int64_t j = positions.begin; j < positions.end; ++j)
        shifts_[index(j)] = std::ceil(tops[index(j - positions.begin)]);
    });
  }

  /// Of a position's exponentials in the sum of the weighted losses: it makes them the derivatives by the logits.
  float share(int64_t j) const { return static_cast<float>(static_cast<double>(weight(j)) / totals_[index(j)]); }

  double loss(int64_t j) const {
    const double own = own_[index(j)], shift = shifts_[index(j)];
    return (std::log2(totals_[index(j)]) - (own - shift)) * std::numbers::ln2;
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
        const float *own = item(target(j)), own_slope = slope(j), factor = share(j);
        for (int64_t d = 0; d < width_; ++d) to[d] = own_slope * own[d];
        for (int64_t s = 0; s < segments(); ++s) {
          const float* const product = floats(products_) + place(s, j) * width_;
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
    else if (split_)
      split_->look_at_positions(shifts_.data(), floats(shares_), floats(of_others));
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
    each_unit(grid_.tiles.count, [&](TileMemory& memory, int64_t t) {
      const Span items = grid_.tiles[t];
      for (int64_t b = 0; b < grid_.blocks.count; ++b) {
        const LogitTile tile = memory.tile(items.count(), grid_.blocks[b].count());
        fill(tile, items, grid_.blocks[b]);
        add_to_items(tile, grid_.blocks[b], gradient + items.begin * width_);
      }
    });
  }

  void add_row(float factor, const float* row, int64_t item, const at::Tensor& gradient) const {
    float* const to = floats(gradient) + item * width_;
    for (int64_t d = 0; d < width_; ++d) to[d] += factor * row[d];
  }

  const LogitKernel& kernel_ = kernels::logit_kernel();
  const SoftmaxInputs& inputs_;
  int64_t width_;      // D
  bool consecutive_;   // whether `others` are neighbours in the item table
  at::Tensor others_;  // [C, D], their vectors
  at::Tensor scaled_;  // [P, D], states / ln 2
  bool keep_;          // whether exponentials are kept for the gradient of the items
  TileGrid grid_;
  std::optional<SplitSoftmax> split_;       // where AMX is in use
  std::vector<HiddenItem> hidden_;          // elsewhere
  AlignedVector<float> panels_;             // the scaled states, packed
  std::vector<float> own_;                  // [P], the targets' logits
  AlignedVector<float> shifts_;             // [P], whole numbers; an exponential is 2^(logit - shift)
  std::vector<double> totals_;              // [P], sums of exponentials
  std::vector<double> totals_of_segments_;  // [segments, P], without the targets' own
  at::Tensor products_;                     // [segments, P, D], sums of exponentials times items
  at::Tensor shares_;                       // [P, D], states times their share()
  at::Tensor of_groups_;                    // [groups, C, D], gradients of `others`
};

/// x [N, D] with columns of zeros up to a multiple of the kernels' width.
at::Tensor widened(const at::Tensor& x) {
  const int64_t multiple = kernels::split_kernel() != nullptr ? kernels::kSplitGroup : 16;
  const int64_t missing = (multiple - x.size(1) % multiple) % multiple;
  return missing == 0 ? x.contiguous() : at::constant_pad_nd(x, {0, missing});
}
at::Tensor narrowed(const at::Tensor& x, int64_t width) {
  return x.defined() && x.size(1) != width ? x.narrow(1, 0, width).contiguous() : x;
}

}  // namespace

std::optional<SoftmaxOutputs> fused_softmax(const SoftmaxInputs& inputs) {
  SoftmaxInputs prepared = inputs;
  prepared.states = widened(inputs.states);
  prepared.items = widened(inputs.items);
  prepared.targets = inputs.targets.contiguous();
  prepared.others = inputs.others.contiguous();
  prepared.weights = inputs.weights.contiguous();
  std::optional<SoftmaxOutputs> outputs = FusedSoftmax(prepared).run();
  if (!outputs) return std::nullopt;
  const int64_t width = inputs.states.size(1);
  outputs->states_gradient = narrowed(outputs->states_gradient, width);
  outputs->items_gradient = narrowed(outputs->items_gradient, width);
  return outputs;
}

}  // namespace latentcrs
