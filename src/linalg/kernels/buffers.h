// The memory of a pass: where a layer's parameters lie, and what it works in.
#pragma once

#include "linalg/kernels/encoder.h"
#include "linalg/kernels/simd.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

constexpr int64_t kQueryRows = 16;  // attention works on so many rows of scores at a time
constexpr int64_t kFfnRows = 64;    // the feed-forward part on so many positions

inline int64_t round_up(int64_t n) { return (n + kStep - 1) / kStep * kStep; }
inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/// Parameters (or their gradients) of one layer.
template <class Float>
struct LayerBlock {
  Float *qkv, *qkv_bias, *out, *out_bias, *attention_weight, *attention_bias, *up, *up_bias, *down, *down_bias,
      *ffn_weight, *ffn_bias;

  LayerBlock(const Layout& l, Float* p, int64_t i)
      : qkv(p + l.qkv(i)),
        qkv_bias(p + l.qkv_bias(i)),
        out(p + l.out(i)),
        out_bias(p + l.out_bias(i)),
        attention_weight(p + l.attention_norm_weight(i)),
        attention_bias(p + l.attention_norm_bias(i)),
        up(p + l.up(i)),
        up_bias(p + l.up_bias(i)),
        down(p + l.down(i)),
        down_bias(p + l.down_bias(i)),
        ffn_weight(p + l.ffn_norm_weight(i)),
        ffn_bias(p + l.ffn_norm_bias(i)) {}
};

/// Hands out pieces of the scratch memory; without any it only counts what would be needed.
class Scratch {
 public:
  explicit Scratch(float* memory) : memory_(memory) {}
  float* take(int64_t count) {
    float* piece = memory_ ? memory_ + size_ : nullptr;
    size_ += round_up(count);
    return piece;
  }
  /// Floats handed out so far.
  int64_t size() const { return size_; }

 private:
  float* memory_;
  int64_t size_ = 0;
};

/// What a pass over `rows` rows works in. More rows need no less of it.
struct Buffers {
  Buffers(const Model& model, int64_t rows, Scratch& memory) {
    const int64_t d = model.layout.width, head = d / model.heads, keys = round_up(rows);
    x = memory.take(rows * d);
    qkv = memory.take(rows * 3 * d);
    context = memory.take(rows * d);
    attended = memory.take(rows * d);
    wide = memory.take(kFfnRows * 4 * d);
    slope = memory.take(kFfnRows * 4 * d);
    wide_gradient = memory.take(kFfnRows * 4 * d);
    scores = memory.take(kQueryRows * keys);
    score_gradients = memory.take(kQueryRows * keys);
    keys_t = memory.take(head * keys);
    values_t = memory.take(head * keys);
    mask = memory.take(keys);
    future_mask = memory.take(keys);
    gradient = memory.take(rows * d);
    dropped = memory.take(rows * d);
    qkv_gradient = memory.take(rows * 3 * d);
  }

  float *x, *qkv, *context, *attended, *wide, *slope, *wide_gradient, *scores, *score_gradients, *keys_t, *values_t,
      *mask, *future_mask, *gradient, *dropped, *qkv_gradient;
};

}  // namespace latentcrs::kernels::LATENTCRS_ISA
