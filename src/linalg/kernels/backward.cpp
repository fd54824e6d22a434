// From the gradient of the states to all others; what the forward pass did not keep is computed again.
#include "linalg/kernels/pass.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

namespace {

class Backward : Pass {
 public:
  using Pass::Pass;

  void run(const float* state_gradients, float* parameter_gradients, float* position_gradients) {
    std::memcpy(b_.gradient, state_gradients + begin_ * d_, rows_ * d_ * sizeof(float));
    for (int64_t i = m_.layout.layers; i-- > 0;) {
      LayerBlock<float> gradients(m_.layout, parameter_gradients, i);
      backward_layer(i, gradients);
    }
    backward_embedding(parameter_gradients, position_gradients);
  }

 private:
  /// b_.gradient: of layer i's result in, of its argument out.
  void backward_layer(int64_t i, LayerBlock<float>& gradients) {
    const LayerBlock w = weights(i), t = transposed_weights(i);
    const Kept::Layer& kept_layer = kept_.layer[i];
    for (int64_t r = 0; r < rows_; ++r)
      scale_and_shift(d_, kept(kept_layer.attended, r), {w.attention_weight, w.attention_bias}, b_.attended + r * d_);
    for (int64_t first = 0; first < rows_; first += kFfnRows)
      feed_forward_backward(i, first, smaller(rows_, first + kFfnRows), gradients);

    for (int64_t r = 0; r < rows_; ++r) {
      norm_backward(d_, kept(kept_layer.attended, r), kept_layer.attended_scale[begin_ + r], w.attention_weight,
                    b_.gradient + r * d_, gradients.attention_weight, gradients.attention_bias);
      drop(m_.out[i], r, b_.gradient + r * d_, b_.dropped + r * d_);
    }
    add_column_sums(rows_, d_, b_.dropped, d_, gradients.out_bias);
    multiply<Start::result>(d_, d_, rows_, transposed(b_.dropped, d_), {kept(kept_layer.context, 0), d_},
                            {gradients.out, d_});
    multiply<Start::zero>(rows_, d_, d_, plain(b_.dropped, d_), {w.out, d_},
                          {b_.context, d_});  // b_.context: its gradient

    restore_input(i);
    multiply<Start::bias>(rows_, 3 * d_, d_, plain(b_.x, d_), {t.qkv, 3 * d_}, {b_.qkv, 3 * d_}, w.qkv_bias);
    clear(b_.qkv_gradient, rows_ * 3 * d_);
    for (int64_t h = 0; h < m_.heads; ++h) attend_backward(i, h);
    add_column_sums(rows_, 3 * d_, b_.qkv_gradient, 3 * d_, gradients.qkv_bias);
    multiply<Start::result>(3 * d_, d_, rows_, transposed(b_.qkv_gradient, 3 * d_), {b_.x, d_}, {gradients.qkv, d_});
    multiply<Start::result>(rows_, d_, 3 * d_, plain(b_.qkv_gradient, 3 * d_), {w.qkv, d_}, {b_.gradient, d_});
  }

  /// b_.gradient rows first .. last - 1: of the layer's result in, of the attended states out.
  void feed_forward_backward(int64_t i, int64_t first, int64_t last, LayerBlock<float>& gradients) {
    const LayerBlock w = weights(i), t = transposed_weights(i);
    const Kept::Layer& kept_layer = kept_.layer[i];
    const int64_t count = last - first, f = 4 * d_;
    for (int64_t r = first; r < last; ++r) {
      norm_backward(d_, kept(kept_layer.finished, r), kept_layer.finished_scale[begin_ + r], w.ffn_weight,
                    b_.gradient + r * d_, gradients.ffn_weight, gradients.ffn_bias);
      drop(m_.ffn[i], r, b_.gradient + r * d_, b_.dropped + r * d_);
    }
    const float* attended = b_.attended + first * d_;
    const float* down_gradient = b_.dropped + first * d_;
    multiply<Start::bias>(count, f, d_, plain(attended, d_), {t.up, f}, {b_.wide, f}, w.up_bias);
    activate(m_.activation, count * f, b_.wide, b_.slope);
    multiply<Start::zero>(count, f, d_, plain(down_gradient, d_), {w.down, f}, {b_.wide_gradient, f});
    add_column_sums(count, d_, down_gradient, d_, gradients.down_bias);
    multiply<Start::result>(d_, f, count, transposed(down_gradient, d_), {b_.wide, f}, {gradients.down, f});
    for (int64_t e = 0; e < count * f; e += kLanes)
      store(b_.wide_gradient + e, load(b_.wide_gradient + e) * load(b_.slope + e));
    add_column_sums(count, f, b_.wide_gradient, f, gradients.up_bias);
    multiply<Start::result>(f, d_, count, transposed(b_.wide_gradient, f), {attended, d_}, {gradients.up, d_});
    multiply<Start::result>(count, d_, f, plain(b_.wide_gradient, f), {w.up, d_}, {b_.gradient + first * d_, d_});
  }

  /// b_.x becomes the argument of layer i again.
  void restore_input(int64_t i) {
    if (i == 0) {
      const Affine norm{m_.parameters + m_.layout.norm_weight(), m_.parameters + m_.layout.norm_bias()};
      for (int64_t r = 0; r < rows_; ++r) {
        scale_and_shift(d_, kept(kept_.embedded, r), norm, b_.x + r * d_);
        drop(m_.embedding, r, b_.x + r * d_, b_.x + r * d_);
      }
      return;
    }
    const LayerBlock w = weights(i - 1);
    for (int64_t r = 0; r < rows_; ++r)
      scale_and_shift(d_, kept(kept_.layer[i - 1].finished, r), {w.ffn_weight, w.ffn_bias}, b_.x + r * d_);
  }

  /// b_.context holds the gradient of the context; adds to b_.qkv_gradient.
  void attend_backward(int64_t i, int64_t h) {
    const int64_t stride = 3 * d_;
    const float *q = b_.qkv + h * head_, *k = q + d_, *v = k + d_;
    float *q_gradient = b_.qkv_gradient + h * head_, *k_gradient = q_gradient + d_, *v_gradient = k_gradient + d_;
    const float scale = score_scale();
    const DropoutMask& mask = m_.attention[i];
    transpose(k, stride, rows_, head_, b_.keys_t, keys_);
    transpose(v, stride, rows_, head_, b_.values_t, keys_);
    for (int64_t first = 0; first < rows_; first += kQueryRows) {
      const int64_t last = smaller(rows_, first + kQueryRows), count = last - first;
      const KeyRange range = keys_of(first, last);
      const int64_t width = range.end - range.begin, real_width = range.real_end - range.begin;
      const float* context_gradient = b_.context + first * d_ + h * head_;
      multiply<Start::zero>(count, width, head_, plain(q + first * stride, stride), {b_.keys_t + range.begin, keys_},
                            {b_.scores, keys_});
      multiply<Start::zero>(count, width, head_, plain(context_gradient, d_), {b_.values_t + range.begin, keys_},
                            {b_.score_gradients, keys_});
      for (int64_t r = first; r < last; ++r) {
        float* row = b_.scores + (r - first) * keys_ - range.begin;
        float* gradient = b_.score_gradients + (r - first) * keys_ - range.begin;
        const float* softmax = kept_.layer[i].softmax + (h * s_.length + begin_ + r) * 2;
        // Σ_j p_j dp_j of the softmax's gradient is the product of the context with its gradient.
        const float* context = kept(kept_.layer[i].context, r) + h * head_;
        const float* context_gradient_row = b_.context + r * d_ + h * head_;
        Sums along;
        for_each_vector(0, head_, [&](int64_t c, int p) {
          along.parts[p] = fused(load(context + c), load(context_gradient_row + c), along.parts[p]);
        });
        const float shift = along.total();
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
      multiply<Start::zero>(count, head_, real_width, plain(b_.score_gradients, keys_),
                            {k + range.begin * stride, stride}, {q_gradient + first * stride, stride});
      multiply<Start::result>(real_width, head_, count, transposed(b_.score_gradients, keys_),
                              {q + first * stride, stride}, {k_gradient + range.begin * stride, stride});
      multiply<Start::result>(real_width, head_, count, transposed(b_.scores, keys_), {context_gradient, d_},
                              {v_gradient + range.begin * stride, stride});
    }
  }

  void backward_embedding(float* parameter_gradients, float* position_gradients) {
    const Layout& l = m_.layout;
    for (int64_t r = 0; r < rows_; ++r) {
      float* gradient = b_.gradient + r * d_;
      drop(m_.embedding, r, gradient, gradient);
      norm_backward(d_, kept(kept_.embedded, r), kept_.embedded_scale[begin_ + r], m_.parameters + l.norm_weight(),
                    gradient, parameter_gradients + l.norm_weight(), parameter_gradients + l.norm_bias());
      float* position = position_gradients + (begin_ + r) * d_;
      for (int64_t c = 0; c < d_; c += kLanes) store(position + c, load(position + c) + load(gradient + c));
    }
    clear(kept_.embedded, begin_ * d_);
    std::memcpy(kept(kept_.embedded, 0), b_.gradient, rows_ * d_ * sizeof(float));
  }
};

bool all_zero(const float* x, int64_t count) {
  Ints any{};
  for (int64_t i = 0; i < count; i += kLanes) any |= bits(load(x + i)) & 0x7fffffff;
  for (int i = 0; i < kLanes; ++i)
    if (any[i] != 0) return false;
  return true;
}

}  // namespace

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
  Backward(model, sequence, kept, begin, Scratch(scratch))
      .run(state_gradients, parameter_gradients, position_gradients);
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA
