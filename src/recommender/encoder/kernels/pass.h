// The part of a pass over one sequence that both directions share: the classes in forward.cpp and backward.cpp derive
// from it.
#pragma once

#include "numerics/linalg/kernels/drop_factor.h"
#include "numerics/linalg/kernels/gemm.h"
#include "numerics/linalg/kernels/simd.h"
#include "recommender/encoder/kernels/buffers.h"
#include "recommender/encoder/kernels/elementwise.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

constexpr float kMaskedScore = -10000.0f;

/// The encoder on the columns first_column .. L-1 of one sequence. Row numbers below are local: row r is column
/// first_column + r.
class SequencePass {
 public:
  SequencePass(const EncoderPass& pass, int64_t first_column)
      : model_(pass.model),
        sequence_(pass.sequence),
        saved_(pass.saved),
        first_column_(first_column),
        rows_(sequence_.length - first_column),
        padded_rows_(round_up(rows_)),
        width_(model_.layout.width),
        head_width_(width_ / model_.heads),
        buffers_(buffers_in(pass.scratch, model_, rows_)) {
    first_item_row_ = rows_;
    for (int64_t r = rows_; r-- > 0;)
      if (id(r) > 0) first_item_row_ = r;
    for (int64_t j = 0; j < padded_rows_; ++j) {
      buffers_.future_mask[j] = j < rows_ ? kMaskedScore : -__builtin_inff();
      buffers_.mask[j] = j < rows_ && id(j) > 0 ? 0.0f : buffers_.future_mask[j];
    }
  }

 protected:
  int64_t id(int64_t row) const { return sequence_.ids[first_column_ + row]; }
  /// Number of a row's first element in a [N, L, D] tensor, for the dropout masks.
  uint32_t first_element(int64_t row) const {
    return static_cast<uint32_t>((sequence_.number * sequence_.length + first_column_ + row) * width_);
  }
  /// A row of saved numbers [L, D].
  float* saved_row(float* saved, int64_t row) const { return saved + (first_column_ + row) * width_; }
  LayerParameters<const float*> layer_at(int64_t i) const {
    return layer_parameters(model_.layout, model_.parameters, i);
  }
  LayerParameters<const float*> transposed_layer_at(int64_t i) const {
    return layer_parameters(model_.layout, model_.transposed, i);
  }

  /// to = base + dropout(x), for one row.
  void drop_and_add(const DropoutMask& mask, int64_t row, const float* x, const float* base, float* to) const {
    const uint32_t first = first_element(row);
    for (int64_t c = 0; c < width_; c += kLanes) {
      Floats v = load(x + c);
      if (mask.threshold) v *= drop_factor(mask, first + static_cast<uint32_t>(c));
      store(to + c, load(base + c) + v);
    }
  }
  void drop(const DropoutMask& mask, int64_t row, const float* x, float* to) const {
    const uint32_t first = first_element(row);
    for (int64_t c = 0; c < width_; c += kLanes) {
      Floats v = load(x + c);
      if (mask.threshold) v *= drop_factor(mask, first + static_cast<uint32_t>(c));
      store(to + c, v);
    }
  }

  struct KeyRange {
    int64_t begin, end;  ///< end: a multiple of kStep past begin, at most padded_rows_
    int64_t real_end;    ///< end without the columns that only fill up
  };
  /// The keys that the queries first .. last - 1 may see. A row that sees no item attends to all columns alike.
  KeyRange keys_of(int64_t first, int64_t last) const {
    if (first < first_item_row_) return {0, padded_rows_, rows_};
    const int64_t begin = first_item_row_ / kStep * kStep;
    const int64_t end = smaller(begin + round_up(last - begin), padded_rows_);
    return {begin, end, smaller(end, rows_)};
  }

  /// The raw scores of one query with the keys from `key` on, scaled and masked. They are scaled before the mask is
  /// added, because next to -10000 a score keeps few digits.
  Floats masked(Floats score, float scale, int64_t query, int64_t key) const {
    const Ints past = (Ints)(splat(static_cast<uint32_t>(key)) + lane_numbers()) <= static_cast<int32_t>(query);
    return fused(score, scale, select(past, load(buffers_.mask + key), load(buffers_.future_mask + key)));
  }

  float score_scale() const { return 1.0f / __builtin_sqrtf(static_cast<float>(head_width_)); }
  /// Number of a weight in the [N, H, L, L] tensor of attention's weights, for the dropout masks.
  uint32_t attention_element(int64_t head, int64_t query, int64_t key) const {
    const int64_t row = (sequence_.number * model_.heads + head) * sequence_.length + first_column_ + query;
    return static_cast<uint32_t>(row * sequence_.length + first_column_ + key);
  }
  /// Where the softmax of a row is saved: its largest score and 1 / the sum of its exponentials.
  float* saved_softmax(int64_t layer, int64_t head, int64_t row) const {
    return saved_.layer[layer].softmax + (head * sequence_.length + first_column_ + row) * 2;
  }

  const EncoderModel& model_;
  const Sequence& sequence_;
  const SavedActivations& saved_;
  int64_t first_column_, rows_, padded_rows_, width_, head_width_;
  int64_t first_item_row_;  // rows before it see no item
  const Buffers buffers_;

 private:
  static Buffers buffers_in(float* memory, const EncoderModel& model, int64_t rows) {
    Scratch scratch(memory);
    return Buffers(model, rows, scratch);
  }
};

inline int64_t first_item(const Sequence& sequence) {
  int64_t i = 0;
  while (i < sequence.length && sequence.ids[i] == 0) ++i;
  return i;
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA
