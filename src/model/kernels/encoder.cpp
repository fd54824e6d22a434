#include "encoder.h"

#include "elementwise.h"
#include "gemm.h"
#include "simd.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

namespace {

constexpr float kMaskedScore = -10000.0f;
constexpr int64_t kQueryRows = 16;  // attention works on so many rows of scores at a time
constexpr int64_t kFfnRows = 64;    // the feed-forward part on so many positions
constexpr int64_t kStep = 16;       // a multiple of every kLanes; widths are multiples of it

int64_t round_up(int64_t n) { return (n + kStep - 1) / kStep * kStep; }
int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

// ---- one sequence -------------------------------------------------------------------------------------------------

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

/// Hands out pieces of the scratch memory.
class Scratch {
 public:
  explicit Scratch(float* memory) : next_(memory) {}
  float* take(int64_t count) {
    float* piece = next_;
    next_ += round_up(count);
    return piece;
  }

 private:
  float* next_;
};

/// The encoder on the rows begin .. L-1 of one sequence. Row numbers below are local: row r is column begin + r.
class Pass {
 public:
  Pass(const Model& model, const Sequence& sequence, const Kept& kept, int64_t begin, float* scratch)
      : m_(model),
        s_(sequence),
        kept_(kept),
        begin_(begin),
        rows_(sequence.length - begin),
        keys_(round_up(rows_)),
        d_(model.layout.width),
        head_(model.layout.width / model.heads) {
    Scratch memory(scratch);
    x_ = memory.take(rows_ * d_);
    qkv_ = memory.take(rows_ * 3 * d_);
    context_ = memory.take(rows_ * d_);
    attended_ = memory.take(rows_ * d_);
    wide_ = memory.take(kFfnRows * 4 * d_);
    slope_ = memory.take(kFfnRows * 4 * d_);
    wide_gradient_ = memory.take(kFfnRows * 4 * d_);
    scores_ = memory.take(kQueryRows * keys_);
    score_gradients_ = memory.take(kQueryRows * keys_);
    keys_t_ = memory.take(head_ * keys_);
    values_t_ = memory.take(head_ * keys_);
    mask_ = memory.take(keys_);
    future_mask_ = memory.take(keys_);
    gradient_ = memory.take(rows_ * d_);
    dropped_ = memory.take(rows_ * d_);
    qkv_gradient_ = memory.take(rows_ * 3 * d_);
    first_real_ = rows_;
    for (int64_t r = rows_; r-- > 0;)
      if (id(r) > 0) first_real_ = r;
    for (int64_t j = 0; j < keys_; ++j) {
      future_mask_[j] = j < rows_ ? kMaskedScore : -__builtin_inff();
      mask_[j] = j < rows_ && id(j) > 0 ? 0.0f : future_mask_[j];
    }
  }

  void forward(States wanted, float* states) {
    embed();
    const int64_t layers = m_.layout.layers;
    for (int64_t i = 0; i < layers; ++i) forward_layer(i, wanted == States::last && i + 1 == layers ? rows_ - 1 : 0);
    if (wanted == States::last)
      std::memcpy(states, x_ + (rows_ - 1) * d_, d_ * sizeof(float));
    else
      std::memcpy(states + begin_ * d_, x_, rows_ * d_ * sizeof(float));
  }

  void backward(const float* state_gradients, float* parameter_gradients, float* position_gradients) {
    std::memcpy(gradient_, state_gradients + begin_ * d_, rows_ * d_ * sizeof(float));
    for (int64_t i = m_.layout.layers; i-- > 0;) {
      LayerBlock<float> gradients(m_.layout, parameter_gradients, i);
      backward_layer(i, gradients);
    }
    backward_embedding(parameter_gradients, position_gradients);
  }

 private:
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

  void embed() {
    const Affine norm{m_.parameters + m_.layout.norm_weight(), m_.parameters + m_.layout.norm_bias()};
    for (int64_t r = 0; r < rows_; ++r) {
      const float* item = m_.items + id(r) * d_;
      const float* position = m_.positions + (begin_ + r) * d_;
      float* x = x_ + r * d_;
      for (int64_t c = 0; c < d_; c += kLanes) store(x + c, load(item + c) + load(position + c));
      const float scale = normalise(d_, x);
      if (kept_.embedded) {
        std::memcpy(kept(kept_.embedded, r), x, d_ * sizeof(float));
        kept_.embedded_scale[begin_ + r] = scale;
      }
      scale_and_shift(d_, x, norm, x);
      drop(m_.embedding, r, x, x);
    }
  }

  /// x_ becomes layer i of x_, in the rows from `from` on.
  void forward_layer(int64_t i, int64_t from) {
    const LayerBlock w = weights(i), t = transposed_weights(i);
    const Kept::Layer& kept_layer = kept_.layer[i];
    multiply<Start::bias>(rows_, 3 * d_, d_, plain(x_, d_), {t.qkv, 3 * d_}, {qkv_, 3 * d_}, w.qkv_bias);
    for (int64_t h = 0; h < m_.heads; ++h) attend(i, h, from);
    if (kept_layer.context) std::memcpy(kept(kept_layer.context, 0), context_, rows_ * d_ * sizeof(float));
    multiply<Start::bias>(rows_ - from, d_, d_, plain(context_ + from * d_, d_), {t.out, d_},
                          {attended_ + from * d_, d_}, w.out_bias);
    for (int64_t r = from; r < rows_; ++r) {
      float* y = attended_ + r * d_;
      drop_and_add(m_.out[i], r, y, x_ + r * d_, y);
      finish_norm(r, {w.attention_weight, w.attention_bias}, kept_layer.attended, kept_layer.attended_scale, y);
    }
    for (int64_t first = from; first < rows_; first += kFfnRows)
      feed_forward(i, first, smaller(rows_, first + kFfnRows));
  }

  void finish_norm(int64_t r, Affine norm, float* keep, float* keep_scale, float* y) const {
    const float scale = normalise(d_, y);
    if (keep) {
      std::memcpy(kept(keep, r), y, d_ * sizeof(float));
      keep_scale[begin_ + r] = scale;
    }
    scale_and_shift(d_, y, norm, y);
  }

  void feed_forward(int64_t i, int64_t first, int64_t last) {
    const LayerBlock w = weights(i), t = transposed_weights(i);
    const int64_t count = last - first, f = 4 * d_;
    multiply<Start::bias>(count, f, d_, plain(attended_ + first * d_, d_), {t.up, f}, {wide_, f}, w.up_bias);
    activate(m_.activation, count * f, wide_, nullptr);
    multiply<Start::bias>(count, d_, f, plain(wide_, f), {t.down, d_}, {x_ + first * d_, d_}, w.down_bias);
    for (int64_t r = first; r < last; ++r) {
      float* y = x_ + r * d_;
      drop_and_add(m_.ffn[i], r, y, attended_ + r * d_, y);
      finish_norm(r, {w.ffn_weight, w.ffn_bias}, kept_.layer[i].finished, kept_.layer[i].finished_scale, y);
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
    return score * scale + select(past, load(mask_ + key), load(future_mask_ + key));
  }

  float score_scale() const { return 1.0f / __builtin_sqrtf(static_cast<float>(head_)); }
  uint32_t attention_element(int64_t h, int64_t query, int64_t key) const {
    const int64_t row = (s_.number * m_.heads + h) * s_.length + begin_ + query;
    return static_cast<uint32_t>(row * s_.length + begin_ + key);
  }

  void attend(int64_t i, int64_t h, int64_t from) {
    const int64_t stride = 3 * d_;
    const float *q = qkv_ + h * head_, *k = q + d_, *v = k + d_;
    const float scale = score_scale();
    const DropoutMask& mask = m_.attention[i];
    transpose(k, stride, rows_, head_, keys_t_, keys_);
    for (int64_t first = from; first < rows_; first += kQueryRows) {
      const int64_t last = smaller(rows_, first + kQueryRows);
      const KeyRange range = keys_of(first, last);
      multiply<Start::zero>(last - first, range.end - range.begin, head_, plain(q + first * stride, stride),
                            {keys_t_ + range.begin, keys_}, {scores_, keys_});
      for (int64_t r = first; r < last; ++r) {
        float* row = scores_ + (r - first) * keys_ - range.begin;
        Floats top = splat(-__builtin_inff());
        for (int64_t j = range.begin; j < range.end; j += kLanes) {
          const Floats s = masked(load(row + j), scale, r, j);
          store(row + j, s);
          top = max(top, s);
        }
        const float highest = largest(top);
        Floats total{};
        for (int64_t j = range.begin; j < range.end; j += kLanes) {
          const Floats e = exp(load(row + j) - highest);
          store(row + j, e);
          total += e;
        }
        const float inverse = 1.0f / sum(total);
        if (float* softmax = kept_.layer[i].softmax) {
          softmax += (h * s_.length + begin_ + r) * 2;
          softmax[0] = highest;
          softmax[1] = inverse;
        }
        for (int64_t j = range.begin; j < range.end; j += kLanes) {
          Floats p = load(row + j) * inverse;
          if (mask.threshold) p *= drop_factor(mask, attention_element(h, r, j));
          store(row + j, p);
        }
      }
      multiply<Start::zero>(last - first, head_, range.real_end - range.begin, plain(scores_, keys_),
                            {v + range.begin * stride, stride}, {context_ + first * d_ + h * head_, d_});
    }
  }

  // ---- backward ---------------------------------------------------------------------------------------------------

  /// gradient_: of layer i's result in, of its argument out.
  void backward_layer(int64_t i, LayerBlock<float>& gradients) {
    const LayerBlock w = weights(i), t = transposed_weights(i);
    const Kept::Layer& kept_layer = kept_.layer[i];
    for (int64_t r = 0; r < rows_; ++r)
      scale_and_shift(d_, kept(kept_layer.attended, r), {w.attention_weight, w.attention_bias}, attended_ + r * d_);
    for (int64_t first = 0; first < rows_; first += kFfnRows)
      feed_forward_backward(i, first, smaller(rows_, first + kFfnRows), gradients);

    for (int64_t r = 0; r < rows_; ++r) {
      norm_backward(d_, kept(kept_layer.attended, r), kept_layer.attended_scale[begin_ + r], w.attention_weight,
                    gradient_ + r * d_, gradients.attention_weight, gradients.attention_bias);
      drop(m_.out[i], r, gradient_ + r * d_, dropped_ + r * d_);
    }
    add_column_sums(rows_, d_, dropped_, d_, gradients.out_bias);
    multiply<Start::result>(d_, d_, rows_, transposed(dropped_, d_), {kept(kept_layer.context, 0), d_},
                            {gradients.out, d_});
    multiply<Start::zero>(rows_, d_, d_, plain(dropped_, d_), {w.out, d_}, {context_, d_});  // context_: its gradient

    restore_input(i);
    multiply<Start::bias>(rows_, 3 * d_, d_, plain(x_, d_), {t.qkv, 3 * d_}, {qkv_, 3 * d_}, w.qkv_bias);
    clear(qkv_gradient_, rows_ * 3 * d_);
    for (int64_t h = 0; h < m_.heads; ++h) attend_backward(i, h);
    add_column_sums(rows_, 3 * d_, qkv_gradient_, 3 * d_, gradients.qkv_bias);
    multiply<Start::result>(3 * d_, d_, rows_, transposed(qkv_gradient_, 3 * d_), {x_, d_}, {gradients.qkv, d_});
    multiply<Start::result>(rows_, d_, 3 * d_, plain(qkv_gradient_, 3 * d_), {w.qkv, d_}, {gradient_, d_});
  }

  /// gradient_ rows first .. last - 1: of the layer's result in, of the attended states out.
  void feed_forward_backward(int64_t i, int64_t first, int64_t last, LayerBlock<float>& gradients) {
    const LayerBlock w = weights(i), t = transposed_weights(i);
    const Kept::Layer& kept_layer = kept_.layer[i];
    const int64_t count = last - first, f = 4 * d_;
    for (int64_t r = first; r < last; ++r) {
      norm_backward(d_, kept(kept_layer.finished, r), kept_layer.finished_scale[begin_ + r], w.ffn_weight,
                    gradient_ + r * d_, gradients.ffn_weight, gradients.ffn_bias);
      drop(m_.ffn[i], r, gradient_ + r * d_, dropped_ + r * d_);
    }
    const float* attended = attended_ + first * d_;
    const float* down_gradient = dropped_ + first * d_;
    multiply<Start::bias>(count, f, d_, plain(attended, d_), {t.up, f}, {wide_, f}, w.up_bias);
    activate(m_.activation, count * f, wide_, slope_);
    multiply<Start::zero>(count, f, d_, plain(down_gradient, d_), {w.down, f}, {wide_gradient_, f});
    add_column_sums(count, d_, down_gradient, d_, gradients.down_bias);
    multiply<Start::result>(d_, f, count, transposed(down_gradient, d_), {wide_, f}, {gradients.down, f});
    for (int64_t e = 0; e < count * f; e += kLanes)
      store(wide_gradient_ + e, load(wide_gradient_ + e) * load(slope_ + e));
    add_column_sums(count, f, wide_gradient_, f, gradients.up_bias);
    multiply<Start::result>(f, d_, count, transposed(wide_gradient_, f), {attended, d_}, {gradients.up, d_});
    multiply<Start::result>(count, d_, f, plain(wide_gradient_, f), {w.up, d_}, {gradient_ + first * d_, d_});
  }

  /// x_ becomes the argument of layer i again.
  void restore_input(int64_t i) {
    if (i == 0) {
      const Affine norm{m_.parameters + m_.layout.norm_weight(), m_.parameters + m_.layout.norm_bias()};
      for (int64_t r = 0; r < rows_; ++r) {
        scale_and_shift(d_, kept(kept_.embedded, r), norm, x_ + r * d_);
        drop(m_.embedding, r, x_ + r * d_, x_ + r * d_);
      }
      return;
    }
    const LayerBlock w = weights(i - 1);
    for (int64_t r = 0; r < rows_; ++r)
      scale_and_shift(d_, kept(kept_.layer[i - 1].finished, r), {w.ffn_weight, w.ffn_bias}, x_ + r * d_);
  }

  /// context_ holds the gradient of the context; adds to qkv_gradient_.
  void attend_backward(int64_t i, int64_t h) {
    const int64_t stride = 3 * d_;
    const float *q = qkv_ + h * head_, *k = q + d_, *v = k + d_;
    float *q_gradient = qkv_gradient_ + h * head_, *k_gradient = q_gradient + d_, *v_gradient = k_gradient + d_;
    const float scale = score_scale();
    const DropoutMask& mask = m_.attention[i];
    transpose(k, stride, rows_, head_, keys_t_, keys_);
    transpose(v, stride, rows_, head_, values_t_, keys_);
    for (int64_t first = 0; first < rows_; first += kQueryRows) {
      const int64_t last = smaller(rows_, first + kQueryRows), count = last - first;
      const KeyRange range = keys_of(first, last);
      const int64_t width = range.end - range.begin, real_width = range.real_end - range.begin;
      const float* context_gradient = context_ + first * d_ + h * head_;
      multiply<Start::zero>(count, width, head_, plain(q + first * stride, stride), {keys_t_ + range.begin, keys_},
                            {scores_, keys_});
      multiply<Start::zero>(count, width, head_, plain(context_gradient, d_), {values_t_ + range.begin, keys_},
                            {score_gradients_, keys_});
      for (int64_t r = first; r < last; ++r) {
        float* row = scores_ + (r - first) * keys_ - range.begin;
        float* gradient = score_gradients_ + (r - first) * keys_ - range.begin;
        const float* softmax = kept_.layer[i].softmax + (h * s_.length + begin_ + r) * 2;
        // Σ_j p_j dp_j of the softmax's gradient is the product of the context with its gradient.
        const float* context = kept(kept_.layer[i].context, r) + h * head_;
        Floats along{};
        for (int64_t c = 0; c < head_; c += kLanes)
          along += load(context + c) * load(context_ + r * d_ + h * head_ + c);
        const float shift = sum(along);
        for (int64_t j = range.begin; j < range.end; j += kLanes) {
          const Floats p = exp(masked(load(row + j), scale, r, j) - softmax[0]) * softmax[1];
          Floats weight = p, weight_gradient = load(gradient + j);
          if (mask.threshold) {
            const Floats factor = drop_factor(mask, attention_element(h, r, j));
            weight *= factor;
            weight_gradient *= factor;
          }
          store(row + j, weight);
          store(gradient + j, p * (weight_gradient - shift) * scale);
        }
      }
      multiply<Start::zero>(count, head_, real_width, plain(score_gradients_, keys_),
                            {k + range.begin * stride, stride}, {q_gradient + first * stride, stride});
      multiply<Start::result>(real_width, head_, count, transposed(score_gradients_, keys_),
                              {q + first * stride, stride}, {k_gradient + range.begin * stride, stride});
      multiply<Start::result>(real_width, head_, count, transposed(scores_, keys_), {context_gradient, d_},
                              {v_gradient + range.begin * stride, stride});
    }
  }

  void backward_embedding(float* parameter_gradients, float* position_gradients) {
    const Layout& l = m_.layout;
    for (int64_t r = 0; r < rows_; ++r) {
      float* gradient = gradient_ + r * d_;
      drop(m_.embedding, r, gradient, gradient);
      norm_backward(d_, kept(kept_.embedded, r), kept_.embedded_scale[begin_ + r], m_.parameters + l.norm_weight(),
                    gradient, parameter_gradients + l.norm_weight(), parameter_gradients + l.norm_bias());
      float* position = position_gradients + (begin_ + r) * d_;
      for (int64_t c = 0; c < d_; c += kLanes) store(position + c, load(position + c) + load(gradient + c));
    }
    clear(kept_.embedded, begin_ * d_);
    std::memcpy(kept(kept_.embedded, 0), gradient_, rows_ * d_ * sizeof(float));
  }

  const Model& m_;
  const Sequence& s_;
  const Kept& kept_;
  int64_t begin_, rows_, keys_, d_, head_;
  int64_t first_real_;  // rows before it see no item
  float *x_, *qkv_, *context_, *attended_, *wide_, *slope_, *wide_gradient_, *scores_, *score_gradients_, *keys_t_,
      *values_t_, *mask_, *future_mask_, *gradient_, *dropped_, *qkv_gradient_;
};

int64_t first_item(const Sequence& sequence) {
  int64_t i = 0;
  while (i < sequence.length && sequence.ids[i] == 0) ++i;
  return i;
}

int64_t scratch_size(const Model& model, int64_t length) {
  const int64_t d = model.layout.width, keys = round_up(length), head = d / model.heads;
  return length * d * 11 + kFfnRows * 4 * d * 3 + 2 * kQueryRows * keys + 2 * head * keys + 2 * keys + 16 * kStep;
}

void forward(const Model& model, const Sequence& sequence, States wanted, const Kept& kept, float* states,
             float* scratch) {
  int64_t begin = wanted == States::all ? 0 : first_item(sequence);
  if (wanted == States::real) clear(states, begin * model.layout.width);
  if (begin == sequence.length) {
    if (wanted == States::real) return;
    begin = 0;  // a user without items has a last state all the same
  }
  Pass(model, sequence, kept, begin, scratch).forward(wanted, states);
}

bool all_zero(const float* x, int64_t count) {
  Ints any{};
  for (int64_t i = 0; i < count; i += kLanes) any |= bits(load(x + i)) & 0x7fffffff;
  for (int i = 0; i < kLanes; ++i)
    if (any[i] != 0) return false;
  return true;
}

void backward(const Model& model, const Sequence& sequence, States wanted, const Kept& kept,
              const float* state_gradients, float* parameter_gradients, float* position_gradients, float* scratch) {
  // The states of the padding in front depend on all others but no other on them: without a gradient of their own they
  // take no part.
  const int64_t first = first_item(sequence), d = model.layout.width;
  const int64_t begin = wanted == States::real || all_zero(state_gradients, first * d) ? first : 0;
  if (begin == sequence.length) {
    clear(kept.embedded, sequence.length * d);
    return;
  }
  Pass(model, sequence, kept, begin, scratch).backward(state_gradients, parameter_gradients, position_gradients);
}

}  // namespace

extern const EncoderKernel kEncoder;
const EncoderKernel kEncoder = {LATENTCRS_ISA_NAME, scratch_size, forward, backward};

}  // namespace latentcrs::kernels::LATENTCRS_ISA
