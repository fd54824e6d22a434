#include "recommender/encoder/kernels/backward.h"

#include "recommender/encoder/kernels/pass.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

namespace {

/// Computes all gradients from that of the states. Numbers that the forward pass did not save are computed again.
class Backward : GroupPass {
 public:
  using GroupPass::GroupPass;

  void run(const EncoderGradients& gradients) {
    gather(gradients.states, buffers_.gradient);
    for (int64_t i = model_.layout.layers; i-- > 0;)
      backward_layer(i, layer_parameters(model_.layout, gradients.parameters, i));
    backward_embedding(embedding_norm(model_.layout, gradients.parameters), gradients.positions);
  }

 private:
  NormalisedRow normalised(NormalisedRows saved, int64_t place) const {
    return {saved.values + place * width_, saved.scale[place]};
  }
  /// Copies the rows of the group from a [N, L, D] tensor.
  void gather(const float* from, float* to) const {
    for (const SequenceRows& sequence : group_)
      std::memcpy(to + sequence.first_key * width_, from + place(sequence, 0) * width_,
                  static_cast<size_t>(sequence.rows * width_) * sizeof(float));
  }

  /// buffers_.gradient: of layer i's result on entry, of its argument on return.
  void backward_layer(int64_t i, const LayerParameters<float*>& gradients) {
    const LayerParameters layer = layer_at(i);
    const LayerWeights weights = backward_weights(model_, i);
    const SavedActivations::Layer& saved = saved_.layer[i];
    const int64_t d = width_;
    for_each_row([&](int64_t r, int64_t place) {
      scale_and_shift(d, saved.attended.values + place * d, layer.attention_norm, buffers_.attended + r * d);
    });
    for (int64_t first = 0; first < rows_; first += kFfnRows)
      backward_feed_forward(i, first, smaller(rows_, first + kFfnRows), gradients);

    for_each_row([&](int64_t r, int64_t place) {
      norm_backward(d, normalised(saved.attended, place), layer.attention_norm.weight, buffers_.gradient + r * d,
                    gradients.attention_norm);
      drop(model_.dropout.layer[i].attention_output, place, buffers_.gradient + r * d, buffers_.dropped + r * d);
    });
    float* const context = buffers_.input;  // whose memory is free until restore_input()
    gather(saved.context, context);
    add_column_sums(rows_, d, buffers_.dropped, d, gradients.attention_output.bias);
    multiply<Start::target>({d, d, rows_}, as_transposed(buffers_.dropped, d), {context, d},
                            {gradients.attention_output.weight, d});
    map_rows<Start::zero>(rows_, buffers_.dropped, weights.attention_output,
                          buffers_.context);  // which now holds the gradient of the context

    restore_input(i);
    map_rows<Start::bias>(rows_, buffers_.input, forward_weights(model_, i).query_key_value, buffers_.query_key_value,
                          layer.query_key_value.bias);
    float* const joint_gradient = buffers_.query_key_value_gradient;
    clear(joint_gradient, rows_ * 3 * d);
    for (const SequenceRows& sequence : group_) {
      begin_attention(sequence);
      for (int64_t head = 0; head < model_.heads; ++head) backward_attention(i, sequence, head);
    }
    add_column_sums(rows_, 3 * d, joint_gradient, 3 * d, gradients.query_key_value.bias);
    multiply<Start::target>({3 * d, d, rows_}, as_transposed(joint_gradient, 3 * d), {buffers_.input, d},
                            {gradients.query_key_value.weight, d});
    map_rows<Start::target>(rows_, joint_gradient, weights.query_key_value, buffers_.gradient);
  }

  /// buffers_.gradient, rows first .. last - 1: of the layer's result on entry, of the attended states on return.
  void backward_feed_forward(int64_t i, int64_t first, int64_t last, const LayerParameters<float*>& gradients) {
    const LayerParameters layer = layer_at(i);
    const LayerWeights weights = backward_weights(model_, i);
    const int64_t count = last - first, d = width_, hidden = 4 * d;
    for_each_row(first, last, [&](int64_t r, int64_t place) {
      norm_backward(d, normalised(saved_.layer[i].output, place), layer.output_norm.weight, buffers_.gradient + r * d,
                    gradients.output_norm);
      drop(model_.dropout.layer[i].output, place, buffers_.gradient + r * d, buffers_.dropped + r * d);
    });
    const float* attended = buffers_.attended + first * d;
    const float* down_gradient = buffers_.dropped + first * d;
    float* const wide_gradient = buffers_.wide_gradient;
    map_rows<Start::bias>(count, attended, forward_weights(model_, i).up, buffers_.wide, layer.up.bias);
    activate(model_.activation, count * hidden, buffers_.wide, buffers_.slope);
    map_rows<Start::zero>(count, down_gradient, weights.down, wide_gradient);
    add_column_sums(count, d, down_gradient, d, gradients.down.bias);
    multiply<Start::target>({d, hidden, count}, as_transposed(down_gradient, d), {buffers_.wide, hidden},
                            {gradients.down.weight, hidden});
    for (int64_t e = 0; e < count * hidden; e += kLanes)
      store(wide_gradient + e, load(wide_gradient + e) * load(buffers_.slope + e));
    add_column_sums(count, hidden, wide_gradient, hidden, gradients.up.bias);
    multiply<Start::target>({hidden, d, count}, as_transposed(wide_gradient, hidden), {attended, d},
                            {gradients.up.weight, d});
    map_rows<Start::target>(count, wide_gradient, weights.up, buffers_.gradient + first * d);
  }

  /// buffers_.input becomes the argument of layer i again.
  void restore_input(int64_t i) {
    if (i > 0) {
      const Norm norm = layer_at(i - 1).output_norm;
      for_each_row([&](int64_t r, int64_t place) {
        scale_and_shift(width_, saved_.layer[i - 1].output.values + place * width_, norm, buffers_.input + r * width_);
      });
      return;
    }
    const Norm norm = embedding_norm(model_.layout, model_.parameters);
    for_each_row([&](int64_t r, int64_t place) {
      float* x = buffers_.input + r * width_;
      scale_and_shift(width_, saved_.embedded.values + place * width_, norm, x);
      drop(model_.dropout.embedding, place, x, x);
    });
  }

  /// The places of one head of a sequence in the joint queries, keys and values, or in their gradients.
  struct Head {
    float *queries, *keys, *values;
  };
  Head head_columns(float* joint, const SequenceRows& sequence, int64_t head) const {
    float* const queries = joint + sequence.first_key * 3 * width_ + head * head_width_;
    return {queries, queries + width_, queries + 2 * width_};
  }

  /// Adds to buffers_.query_key_value_gradient, given the gradient of the context in buffers_.context.
  void backward_attention(int64_t i, const SequenceRows& sequence, int64_t head) {
    const int64_t stride = 3 * width_, padded = round_up(sequence.rows);
    const Head joint = head_columns(buffers_.query_key_value, sequence, head);
    const Head gradients = head_columns(buffers_.query_key_value_gradient, sequence, head);
    const float* const context_gradients = buffers_.context + sequence.first_key * width_ + head * head_width_;
    transpose(joint.keys, stride, sequence.rows, head_width_, buffers_.keys_transposed, padded);
    transpose(joint.values, stride, sequence.rows, head_width_, buffers_.values_transposed, padded);
    for (int64_t first = 0; first < sequence.rows; first += kQueryRows) {
      const int64_t last = smaller(sequence.rows, first + kQueryRows), count = last - first;
      const KeyRange range = keys_of(sequence, first, last);
      const int64_t keys = range.end - range.begin, real_keys = range.real_end - range.begin;
      const float* const context_gradient = context_gradients + first * width_;
      multiply<Start::zero>({count, keys, head_width_}, as_stored(joint.queries + first * stride, stride),
                            {buffers_.keys_transposed + range.begin, padded}, {buffers_.scores, padded});
      multiply<Start::zero>({count, keys, head_width_}, as_stored(context_gradient, width_),
                            {buffers_.values_transposed + range.begin, padded}, {buffers_.score_gradients, padded});
      for (int64_t r = first; r < last; ++r)
        backward_softmax(i, sequence, head, r, range, (r - first) * padded - range.begin);
      multiply<Start::zero>({count, head_width_, real_keys}, as_stored(buffers_.score_gradients, padded),
                            {joint.keys + range.begin * stride, stride}, {gradients.queries + first * stride, stride});
      multiply<Start::target>({real_keys, head_width_, count}, as_transposed(buffers_.score_gradients, padded),
                              {joint.queries + first * stride, stride},
                              {gradients.keys + range.begin * stride, stride});
      multiply<Start::target>({real_keys, head_width_, count}, as_transposed(buffers_.scores, padded),
                              {context_gradient, width_}, {gradients.values + range.begin * stride, stride});
    }
  }

  /// For query `r`, whose rows of buffers_.scores and buffers_.score_gradients begin at `offset` for key 0: the raw
  /// scores become attention's weights after dropout, and the gradients of these become those of the raw scores.
  void backward_softmax(int64_t i, const SequenceRows& sequence, int64_t head, int64_t r, KeyRange range,
                        int64_t offset) const {
    float *row = buffers_.scores + offset, *gradient = buffers_.score_gradients + offset;
    const float scale = score_scale();
    const DropoutMask& mask = model_.dropout.layer[i].attention_weights;
    const float* softmax = saved_softmax(i, sequence, head, r);
    // The softmax's gradient needs Σ_j p_j dp_j, which is the product of the context with its gradient.
    const float* context = saved_.layer[i].context + place(sequence, r) * width_ + head * head_width_;
    const float* context_gradient = buffers_.context + sequence.query_row(r) * width_ + head * head_width_;
    Sums along;
    for_each_vector(0, head_width_, [&](int64_t c, int p) {
      along.parts[p] = fused(load(context + c), load(context_gradient + c), along.parts[p]);
    });
    const float shift = along.total();
    for (int64_t j = range.begin; j < range.end; j += kLanes) {
      const Floats p = exp(masked(load(row + j), scale, r, j) - softmax[0]) * softmax[1];
      Floats weight = p, weight_gradient = load(gradient + j);
      if (mask.threshold) {
        const Floats factor = drop_factor(mask, attention_element(sequence, head, r, j));
        weight *= factor;
        weight_gradient *= factor;
      }
      store(row + j, weight);
      store(gradient + j, p * (weight_gradient - shift) * scale);
    }
  }

  void backward_embedding(WeightAndBias<float*> norm_gradients, float* position_gradients) {
    const Norm norm = embedding_norm(model_.layout, model_.parameters);
    for_each_row([&](int64_t r, int64_t place) {
      float* gradient = buffers_.gradient + r * width_;
      drop(model_.dropout.embedding, place, gradient, gradient);
      norm_backward(width_, normalised(saved_.embedded, place), norm.weight, gradient, norm_gradients);
      float* position = position_gradients + place % length_ * width_;
      for (int64_t c = 0; c < width_; c += kLanes) store(position + c, load(position + c) + load(gradient + c));
      std::memcpy(saved_.embedded.values + place * width_, gradient, static_cast<size_t>(width_) * sizeof(float));
    });
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

void backward(const EncoderPass& pass, const EncoderGradients& gradients) {
  const int64_t width = pass.model.layout.width;
  // No other state depends on those of the padding in front: without a gradient of their own they take no part.
  const auto first_column = [&](int64_t number, int64_t item) -> int64_t {
    const int64_t row = number * pass.length * width;
    if (pass.wanted != WantedStates::real && !all_zero(gradients.states + row, item * width)) return 0;
    clear(pass.saved.embedded.values + row, item * width);
    return item;
  };
  for_each_group(pass, first_column, [&](const SequenceGroup& group) { Backward(pass, group).run(gradients); });
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA
