// From items to states.
#include "linalg/kernels/pass.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

namespace {

class Forward : Pass {
 public:
  using Pass::Pass;

  void run(States wanted, float* states) {
    embed();
    const int64_t layers = m_.layout.layers;
    for (int64_t i = 0; i < layers; ++i) forward_layer(i, wanted == States::last && i + 1 == layers ? rows_ - 1 : 0);
    if (wanted == States::last)
      std::memcpy(states, b_.x + (rows_ - 1) * d_, d_ * sizeof(float));
    else
      std::memcpy(states + begin_ * d_, b_.x, rows_ * d_ * sizeof(float));
  }

 private:
  void embed() {
    const Affine norm{m_.parameters + m_.layout.norm_weight(), m_.parameters + m_.layout.norm_bias()};
    for (int64_t r = 0; r < rows_; ++r) {
      const float* item = m_.items + id(r) * d_;
      const float* position = m_.positions + (begin_ + r) * d_;
      float* x = b_.x + r * d_;
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

  /// b_.x becomes layer i of b_.x, in the rows from `from` on.
  void forward_layer(int64_t i, int64_t from) {
    const LayerBlock w = weights(i), t = transposed_weights(i);
    const Kept::Layer& kept_layer = kept_.layer[i];
    multiply<Start::bias>(rows_, 3 * d_, d_, plain(b_.x, d_), {t.qkv, 3 * d_}, {b_.qkv, 3 * d_}, w.qkv_bias);
    for (int64_t h = 0; h < m_.heads; ++h) attend(i, h, from);
    if (kept_layer.context) std::memcpy(kept(kept_layer.context, 0), b_.context, rows_ * d_ * sizeof(float));
    multiply<Start::bias>(rows_ - from, d_, d_, plain(b_.context + from * d_, d_), {t.out, d_},
                          {b_.attended + from * d_, d_}, w.out_bias);
    for (int64_t r = from; r < rows_; ++r) {
      float* y = b_.attended + r * d_;
      drop_and_add(m_.out[i], r, y, b_.x + r * d_, y);
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
    multiply<Start::bias>(count, f, d_, plain(b_.attended + first * d_, d_), {t.up, f}, {b_.wide, f}, w.up_bias);
    activate(m_.activation, count * f, b_.wide, nullptr);
    multiply<Start::bias>(count, d_, f, plain(b_.wide, f), {t.down, d_}, {b_.x + first * d_, d_}, w.down_bias);
    for (int64_t r = first; r < last; ++r) {
      float* y = b_.x + r * d_;
      drop_and_add(m_.ffn[i], r, y, b_.attended + r * d_, y);
      finish_norm(r, {w.ffn_weight, w.ffn_bias}, kept_.layer[i].finished, kept_.layer[i].finished_scale, y);
    }
  }

  void attend(int64_t i, int64_t h, int64_t from) {
    const int64_t stride = 3 * d_;
    const float *q = b_.qkv + h * head_, *k = q + d_, *v = k + d_;
    const float scale = score_scale();
    const DropoutMask& mask = m_.attention[i];
    transpose(k, stride, rows_, head_, b_.keys_t, keys_);
    for (int64_t first = from; first < rows_; first += kQueryRows) {
      const int64_t last = smaller(rows_, first + kQueryRows);
      const KeyRange range = keys_of(first, last);
      multiply<Start::zero>(last - first, range.end - range.begin, head_, plain(q + first * stride, stride),
                            {b_.keys_t + range.begin, keys_}, {b_.scores, keys_});
      for (int64_t r = first; r < last; ++r) {
        float* row = b_.scores + (r - first) * keys_ - range.begin;
        Floats top = splat(-__builtin_inff());
        for (int64_t j = range.begin; j < range.end; j += kLanes) {
          const Floats s = masked(load(row + j), scale, r, j);
          store(row + j, s);
          top = max(top, s);
        }
        const float highest = largest(top);
        Sums exponentials;
        for_each_vector(range.begin, range.end, [&](int64_t j, int p) {
          const Floats e = exp(load(row + j) - highest);
          store(row + j, e);
          exponentials.parts[p] += e;
        });
        const float inverse = 1.0f / exponentials.total();
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
      multiply<Start::zero>(last - first, head_, range.real_end - range.begin, plain(b_.scores, keys_),
                            {v + range.begin * stride, stride}, {b_.context + first * d_ + h * head_, d_});
    }
  }
};

}  // namespace

void forward(const Model& model, const Sequence& sequence, States wanted, const Kept& kept, float* states,
             float* scratch) {
  int64_t begin = wanted == States::all ? 0 : first_item(sequence);
  if (wanted == States::real) clear(states, begin * model.layout.width);
  if (begin == sequence.length) {
    if (wanted == States::real) return;
    begin = 0;  // a user without items has a last state all the same
  }
  Forward(model, sequence, kept, begin, Scratch(scratch)).run(wanted, states);
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA
