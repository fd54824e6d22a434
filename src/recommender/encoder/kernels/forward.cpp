#include "recommender/encoder/kernels/forward.h"

#include "recommender/encoder/kernels/pass.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

namespace {

class Forward : SequencePass {
 public:
  using SequencePass::SequencePass;

  void run(WantedStates wanted, float* states) {
    embed();
    const int64_t layers = model_.layout.layers;
    for (int64_t i = 0; i < layers; ++i)
      forward_layer(i, wanted == WantedStates::last && i + 1 == layers ? rows_ - 1 : 0);
    if (wanted == WantedStates::last)
      std::memcpy(states, buffers_.input + (rows_ - 1) * width_, width_ * sizeof(float));
    else
      std::memcpy(states + first_column_ * width_, buffers_.input, rows_ * width_ * sizeof(float));
  }

 private:
  void embed() {
    const Norm norm = embedding_norm(model_.layout, model_.parameters);
    for (int64_t r = 0; r < rows_; ++r) {
      const float* item = model_.items + id(r) * width_;
      const float* position = model_.positions + (first_column_ + r) * width_;
      float* x = buffers_.input + r * width_;
      for (int64_t c = 0; c < width_; c += kLanes) store(x + c, load(item + c) + load(position + c));
      apply_norm(r, norm, saved_.embedded, x);
      drop(model_.dropout.embedding, r, x, x);
    }
  }

  /// buffers_.input becomes the result of layer i for it, in the rows from `from` on.
  void forward_layer(int64_t i, int64_t from) {
    const LayerParameters layer = layer_at(i), transposed = transposed_layer_at(i);
    const SavedActivations::Layer& saved = saved_.layer[i];
    multiply<Start::bias>({rows_, 3 * width_, width_}, as_stored(buffers_.input, width_),
                          {transposed.query_key_value.weight, 3 * width_}, {buffers_.query_key_value, 3 * width_},
                          layer.query_key_value.bias);
    for (int64_t head = 0; head < model_.heads; ++head) attend(i, head, from);
    if (saved.context) std::memcpy(saved_row(saved.context, 0), buffers_.context, rows_ * width_ * sizeof(float));
    multiply<Start::bias>({rows_ - from, width_, width_}, as_stored(buffers_.context + from * width_, width_),
                          {transposed.attention_output.weight, width_}, {buffers_.attended + from * width_, width_},
                          layer.attention_output.bias);
    for (int64_t r = from; r < rows_; ++r) {
      float* y = buffers_.attended + r * width_;
      drop_and_add(model_.dropout.layer[i].attention_output, r, y, buffers_.input + r * width_, y);
      apply_norm(r, layer.attention_norm, saved.attended, y);
    }
    for (int64_t first = from; first < rows_; first += kFfnRows)
      feed_forward(i, first, smaller(rows_, first + kFfnRows));
  }

  /// Applies a norm to one row, and saves the normalised row where there is memory for it.
  void apply_norm(int64_t row, Norm norm, NormalisedRows saved, float* x) const {
    const float scale = normalise(width_, x);
    if (saved.values) {
      std::memcpy(saved_row(saved.values, row), x, width_ * sizeof(float));
      saved.scale[first_column_ + row] = scale;
    }
    scale_and_shift(width_, x, norm, x);
  }

  void feed_forward(int64_t i, int64_t first, int64_t last) {
    const LayerParameters layer = layer_at(i), transposed = transposed_layer_at(i);
    const int64_t count = last - first, hidden = 4 * width_;
    multiply<Start::bias>({count, hidden, width_}, as_stored(buffers_.attended + first * width_, width_),
                          {transposed.up.weight, hidden}, {buffers_.wide, hidden}, layer.up.bias);
    activate(model_.activation, count * hidden, buffers_.wide, nullptr);
    multiply<Start::bias>({count, width_, hidden}, as_stored(buffers_.wide, hidden), {transposed.down.weight, width_},
                          {buffers_.input + first * width_, width_}, layer.down.bias);
    for (int64_t r = first; r < last; ++r) {
      float* y = buffers_.input + r * width_;
      drop_and_add(model_.dropout.layer[i].output, r, y, buffers_.attended + r * width_, y);
      apply_norm(r, layer.output_norm, saved_.layer[i].output, y);
    }
  }

  /// Writes the context of one head to its columns of buffers_.context, in the rows from `from` on.
  void attend(int64_t i, int64_t head, int64_t from) {
    const int64_t stride = 3 * width_;
    const float* queries = buffers_.query_key_value + head * head_width_;
    const float *keys = queries + width_, *values = keys + width_;
    transpose(keys, stride, rows_, head_width_, buffers_.keys_transposed, padded_rows_);
    for (int64_t first = from; first < rows_; first += kQueryRows) {
      const int64_t last = smaller(rows_, first + kQueryRows);
      const KeyRange range = keys_of(first, last);
      multiply<Start::zero>({last - first, range.end - range.begin, head_width_},
                            as_stored(queries + first * stride, stride),
                            {buffers_.keys_transposed + range.begin, padded_rows_}, {buffers_.scores, padded_rows_});
      for (int64_t r = first; r < last; ++r)
        softmax(i, head, r, range, buffers_.scores + (r - first) * padded_rows_ - range.begin);
      multiply<Start::zero>({last - first, head_width_, range.real_end - range.begin},
                            as_stored(buffers_.scores, padded_rows_), {values + range.begin * stride, stride},
                            {buffers_.context + first * width_ + head * head_width_, width_});
    }
  }

  /// The raw scores of query `r`, row[range.begin .. range.end - 1], become attention's weights after dropout.
  void softmax(int64_t i, int64_t head, int64_t r, KeyRange range, float* row) const {
    const float scale = score_scale();
    const DropoutMask& mask = model_.dropout.layer[i].attention_weights;
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
    if (saved_.layer[i].softmax) {
      float* saved = saved_softmax(i, head, r);
      saved[0] = highest;
      saved[1] = inverse;
    }
    for (int64_t j = range.begin; j < range.end; j += kLanes) {
      Floats p = load(row + j) * inverse;
      if (mask.threshold) p *= drop_factor(mask, attention_element(head, r, j));
      store(row + j, p);
    }
  }
};

}  // namespace

void forward(const EncoderPass& pass, float* states) {
  const Sequence& sequence = pass.sequence;
  int64_t first_column = pass.wanted == WantedStates::all ? 0 : first_item(sequence);
  if (pass.wanted == WantedStates::real) clear(states, first_column * pass.model.layout.width);
  if (first_column == sequence.length) {
    if (pass.wanted == WantedStates::real) return;
    first_column = 0;  // a user without items has a last state all the same
  }
  Forward(pass, first_column).run(pass.wanted, states);
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA
