// The part that the two directions of the encoder share: forward.cpp and backward.cpp derive theirs from it.
#pragma once

#include "linalg/kernels/buffers.h"
#include "linalg/kernels/elementwise.h"
#include "linalg/kernels/gemm.h"
#include "linalg/kernels/simd.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

constexpr float kMaskedScore = -10000.0f;

/// The encoder on the rows begin .. L-1 of one sequence. Row numbers below are local: row r is column begin + r.
class Pass {
 public:
  Pass(const Model& model, const Sequence& sequence, const Kept& kept, int64_t begin, Scratch scratch)
      : m_(model),
        s_(sequence),
        kept_(kept),
        begin_(begin),
        rows_(sequence.length - begin),
        keys_(round_up(rows_)),
        d_(model.layout.width),
        head_(model.layout.width / model.heads),
        b_(model, rows_, scratch) {
    first_real_ = rows_;
    for (int64_t r = rows_; r-- > 0;)
      if (id(r) > 0) first_real_ = r;
    for (int64_t j = 0; j < keys_; ++j) {
      b_.future_mask[j] = j < rows_ ? kMaskedScore : -__builtin_inff();
      b_.mask[j] = j < rows_ && id(j) > 0 ? 0.0f : b_.future_mask[j];
    }
  }

 protected:
  int64_t id(int64_t r) const { return s_.ids[begin_ + r]; }
  /// Of an element of a [N, L, D] tensor.
  uint32_t element(int64_t r) const { return static_cast<uint32_t>((s_.number * s_.length + begin_ + r) * d_); }
  float* kept(float* base, int64_t r) const { return base + (begin_ + r) * d_; }
  LayerBlock<const float> weights(int64_t i) const { return {m_.layout, m_.parameters, i}; }
  LayerBlock<const float> transposed_weights(int64_t i) const { return {m_.layout, m_.transposed, i}; }

  /// to = base + dropout(x), for one position.
  void drop_and_add(const DropoutMask& mask, int64_t r, const float* x, const float* base, float* to) const {
    const uint32_t first = element(r);
    for (int64_t c = 0; c < d_; c += kLanes) {
      Floats v = load(x + c);
      if (mask.threshold) v *= drop_factor(mask, first + static_cast<uint32_t>(c));
      store(to + c, load(base + c) + v);
    }
  }
  void drop(const DropoutMask& mask, int64_t r, const float* x, float* to) const {
    const uint32_t first = element(r);
    for (int64_t c = 0; c < d_; c += kLanes) {
      Floats v = load(x + c);
      if (mask.threshold) v *= drop_factor(mask, first + static_cast<uint32_t>(c));
      store(to + c, v);
    }
  }

  struct KeyRange {
    int64_t begin, end;  ///< end: a multiple of kStep past begin, within keys_
    int64_t real_end;    ///< end without the columns that only fill up
  };
  /// What the queries first .. last - 1 may see: a row that sees no item attends to all columns alike.
  KeyRange keys_of(int64_t first, int64_t last) const {
    if (first < first_real_) return {0, keys_, rows_};
    const int64_t begin = first_real_ / kStep * kStep, end = smaller(begin + round_up(last - begin), keys_);
    return {begin, end, smaller(end, rows_)};
  }

  /// Raw scores of one query with the keys from `key` on, scaled and masked. Scaled before the mask is added: next to
  /// -10000 a score keeps few digits.
  Floats masked(Floats score, float scale, int64_t query, int64_t key) const {
    const Ints past = (Ints)(splat(static_cast<uint32_t>(key)) + lane_numbers()) <= static_cast<int32_t>(query);
    return fused(score, scale, select(past, load(b_.mask + key), load(b_.future_mask + key)));
  }

  float score_scale() const { return 1.0f / __builtin_sqrtf(static_cast<float>(head_)); }
  uint32_t attention_element(int64_t h, int64_t query, int64_t key) const {
    const int64_t row = (s_.number * m_.heads + h) * s_.length + begin_ + query;
    return static_cast<uint32_t>(row * s_.length + begin_ + key);
  }

  const Model& m_;
  const Sequence& s_;
  const Kept& kept_;
  int64_t begin_, rows_, keys_, d_, head_;
  int64_t first_real_;  // rows before it see no item
  const Buffers b_;
};

inline int64_t first_item(const Sequence& sequence) {
  int64_t i = 0;
  while (i < sequence.length && sequence.ids[i] == 0) ++i;
  return i;
}

void forward(const Model& model, const Sequence& sequence, States wanted, const Kept& kept, float* states,
             float* scratch);
void backward(const Model& model, const Sequence& sequence, States wanted, const Kept& kept,
              const float* state_gradients, float* parameter_gradients, float* position_gradients, float* scratch);

}  // namespace latentcrs::kernels::LATENTCRS_ISA
