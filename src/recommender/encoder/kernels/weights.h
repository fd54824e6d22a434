// The weights of a layer as right factors, and the products of rows with them: in float32, or with AMX where the model
// has the weights in parts (numerics/linalg/amx).
#pragma once

#include "numerics/linalg/kernels/gemm.h"
#include "recommender/encoder/kernels/buffers.h"
#if defined(LATENTCRS_TILES)
#include "numerics/linalg/amx/split_tiles.h"
#endif

namespace latentcrs::kernels::LATENTCRS_ISA {

/// A matrix [inner, columns] that rows are multiplied with, or some columns of a matrix.
struct Weight {
  const float* matrix;
  const SplitNumber* parts;  ///< null: not split
  int64_t inner, columns;
  int64_t stride;  ///< columns of the whole matrix

  /// The columns from `first` on, a multiple of 16.
  Weight from(int64_t first, int64_t count) const {
    return {matrix + first, parts != nullptr ? parts + first * inner : nullptr, inner, count, stride};
  }
  Weight in_float() const { return {matrix, nullptr, inner, columns, stride}; }
};

struct LayerWeights {
  Weight query_key_value, attention_output, up, down;
};

/// Finds the parts of a matrix of `block` at its place in `parts`.
class WeightsOfBlock {
 public:
  WeightsOfBlock(const float* block, const SplitNumber* parts) : block_(block), parts_(parts) {}
  Weight at(const float* matrix, int64_t inner, int64_t columns) const {
    return {matrix, parts_ != nullptr ? parts_ + (matrix - block_) : nullptr, inner, columns, columns};
  }

 private:
  const float* block_;
  const SplitNumber* parts_;
};

/// The weights for the layer's argument: [in, out].
inline LayerWeights forward_weights(const EncoderModel& model, int64_t i) {
  const auto layer = layer_parameters(model.layout, model.transposed, i);
  const WeightsOfBlock weights(model.transposed, model.split_parameters);
  const int64_t d = model.layout.width;
  return {.query_key_value = weights.at(layer.query_key_value.weight, d, 3 * d),
          .attention_output = weights.at(layer.attention_output.weight, d, d),
          .up = weights.at(layer.up.weight, d, 4 * d),
          .down = weights.at(layer.down.weight, 4 * d, d)};
}

/// The same without parts, for so few rows that AMX does not pay.
inline LayerWeights float_weights(const EncoderModel& model, int64_t i) {
  const LayerWeights weights = forward_weights(model, i);
  return {.query_key_value = weights.query_key_value.in_float(),
          .attention_output = weights.attention_output.in_float(),
          .up = weights.up.in_float(),
          .down = weights.down.in_float()};
}

/// The weights for gradients of the layer's result: [out, in].
inline LayerWeights backward_weights(const EncoderModel& model, int64_t i) {
  const auto layer = layer_parameters(model.layout, model.parameters, i);
  const WeightsOfBlock weights(model.parameters, model.split_transposed);
  const int64_t d = model.layout.width;
  return {.query_key_value = weights.at(layer.query_key_value.weight, 3 * d, d),
          .attention_output = weights.at(layer.attention_output.weight, d, d),
          .up = weights.at(layer.up.weight, 4 * d, d),
          .down = weights.at(layer.down.weight, d, 4 * d)};
}

#if defined(LATENTCRS_TILES)

/// Numbers first .. first + width - 1 of at most kPackedRows rows as tiles [groups of 16][width / 32][parts]. Lines of
/// other rows are left as they are. Adds to `bad` where a number cannot be split.
inline void pack_rows(const float* x, int64_t stride, int64_t rows, int64_t width, uint16_t* to, Ints& bad) {
  for (int64_t row = 0; row < rows; ++row) {
    uint16_t* line = to + row / kLines * (width / kSplitGroup) * kSplitParts * kTile + row % kLines * kSplitGroup;
    for (int64_t k = 0; k < width; k += kSplitGroup, line += kSplitParts * kTile) {
      const Floats a = load(x + row * stride + k), b = load(x + row * stride + k + kLanes);
      bad |= unsound(a) | unsound(b);
      Ints parts[kSplitParts];
      split<kSplitParts>(a, b, parts);
#pragma GCC unroll 3
      for (int p = 0; p < kSplitParts; ++p) put(line + p * kTile, parts[p]);
    }
  }
}

/// The sums begin as zero, as the numbers of the target, or as a bias for each of 32 columns.
template <Start start>
inline void begin_sums(const float* target, int64_t line, const float* bias) {
  if constexpr (start == Start::zero) clear_sums();
  if constexpr (start == Start::target) load_sums(target, line);
  if constexpr (start == Start::bias) load_biases(bias);
}

/// Adds the products of packed rows with the numbers first .. first + width - 1 of each column of the weight.
template <Start start>
inline void multiply_packed(int64_t rows, const uint16_t* packed, const Weight& weight, int64_t first, int64_t width,
                            ProductTarget target, const float* bias) {
  const auto* const parts = reinterpret_cast<const uint16_t*>(weight.parts);
  const int64_t row_tiles = width / kSplitGroup * kSplitParts * kTile;
  const int64_t column_tiles = weight.inner / kSplitGroup * kSplitParts * kTile;
  const uint16_t* columns = parts + first / kSplitGroup * kSplitParts * kTile;
  for (int64_t column = 0; column < weight.columns; column += kSplitGroup, columns += 2 * column_tiles)
    for (int64_t row = 0; row < rows; row += kSplitGroup) {
      float* const to = target.data + row * target.width + column;
      begin_sums<start>(to, target.width, start == Start::bias ? bias + column : nullptr);
      add_products({packed + row / kLines * row_tiles, row_tiles}, {columns, column_tiles}, width);
      store_sums(to, target.width);
    }
}

inline void fill_with_nan(int64_t rows, int64_t columns, ProductTarget target) {
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t c = 0; c < columns; c += kLanes)
      store(target.data + row * target.width + c, splat(__builtin_nanf("")));
}

/// multiply_rows() with AMX. It writes whole groups of 32 rows.
template <Start start>
inline void multiply_split(int64_t rows, const float* x, const Weight& weight, ProductTarget target, uint16_t* memory,
                           const float* bias) {
  const Tiles scope;
  for (int64_t row = 0; row < rows; row += kPackedRows) {
    const int64_t count = smaller(rows - row, kPackedRows);
    const ProductTarget to{target.data + row * target.width, target.width};
    Ints bad = {};
    for (int64_t k = 0; k < weight.inner; k += kPackedWidth) {
      const int64_t width = smaller(weight.inner - k, kPackedWidth);
      pack_rows(x + row * weight.inner + k, weight.inner, count, width, memory, bad);
      finish_stores();
      if (k == 0)
        multiply_packed<start>(count, memory, weight, k, width, to, bias);
      else
        multiply_packed<Start::target>(count, memory, weight, k, width, to, bias);
    }
    if (any(bad)) fill_with_nan(count, weight.columns, to);
  }
}

#endif

/// target [rows, columns] = x [rows, inner] times the weight, plus what `start` says (bias: [columns]). The target has
/// the stride of the weight. `memory` is Buffers::parts. With AMX a row that holds a number that is not finite makes
/// the rows beside it NaN too, and numbers behind the last row of the target change.
template <Start start>
inline void multiply_rows(int64_t rows, const float* x, const Weight& weight, float* target,
                          [[maybe_unused]] uint16_t* memory, const float* bias = nullptr) {
#if defined(LATENTCRS_TILES)
  if (weight.parts != nullptr) return multiply_split<start>(rows, x, weight, {target, weight.stride}, memory, bias);
#endif
  multiply<start>({rows, weight.columns, weight.inner}, as_stored(x, weight.inner), {weight.matrix, weight.stride},
                  {target, weight.stride}, bias);
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA
