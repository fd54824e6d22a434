#include "recommender/encoder/kernels/forward.h"

#include "recommender/encoder/kernels/pass.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

namespace {

class Forward : GroupPass {
 public:
  using GroupPass::GroupPass;

  void run(WantedStates wanted, float* states) {
    embed();
    const int64_t layers = model_.layout.layers;
    for (int64_t i = 0; i < layers; ++i) forward_layer(i, wanted == WantedStates::last && i + 1 == layers);
    for (const SequenceRows& sequence : group_) {
      const int64_t row = wanted == WantedStates::last ? sequence.rows - 1 : sequence.from;
      const int64_t to = wanted == WantedStates::last ? sequence.number : place(sequence, row);
      copy_rows(buffers_.input + sequence.query_row(row) * width_, sequence.rows - row, states + to * width_);
    }
  }

 private:
  void copy_rows(const float* from, int64_t rows, float* to) const {
    std::memcpy(to, from, static_cast<size_t>(rows * width_) * sizeof(float));
  }

  void embed() {
    const Norm norm = embedding_norm(model_.layout, model_.parameters);
    for_each_row([&](int64_t r, int64_t place) {
      const float* item = model_.items + ids_[place] * width_;
      const float* position = model_.positions + place % length_ * width_;
      float* x = buffers_.input + r * width_;
      for (int64_t c = 0; c < width_; c += kLanes) store(x + c, load(item + c) + load(position + c));
      apply_norm(place, norm, saved_.embedded, x);
      drop(model_.dropout.embedding, place, x, x);
    });
  }

  /// buffers_.input becomes the result of layer i for it, or that of each sequence's last row alone.
  void forward_layer(int64_t i, bool last_rows) {
    const LayerParameters layer = layer_at(i);
    const LayerWeights weights = last_rows ? float_weights(model_, i) : forward_weights(model_, i);
    const SavedActivations::Layer& saved = saved_.layer[i];
    if (last_rows)
      queries_of_last_rows(i);
    else
      map_rows<Start::bias>(rows_, buffers_.input, weights.query_key_value, buffers_.query_key_value,
                            layer.query_key_value.bias);
    for (const SequenceRows& sequence : group_) {
      begin_attention(sequence);
      for (int64_t head = 0; head < model_.heads; ++head) attend(i, sequence, head);
      if (saved.context)
        copy_rows(buffers_.context + sequence.first_query * width_, sequence.queries(),
                  saved.context + place(sequence, sequence.from) * width_);
    }
    map_rows<Start::bias>(rows_, buffers_.context, weights.attention_output, buffers_.attended,
                          layer.attention_output.bias);
    for_each_row([&](int64_t r, int64_t place) {
      float* y = buffers_.attended + r * width_;
      drop_and_add(model_.dropout.layer[i].attention_output, place, y, buffers_.input + r * width_, y);
      apply_norm(place, layer.attention_norm, saved.attended, y);
    });
    for (int64_t first = 0; first < rows_; first += kFfnRows)
      feed_forward(i, weights, first, smaller(rows_, first + kFfnRows));
  }

  /// Keys and values of all rows, and the query of each sequence's last row, which is all that is left in
  /// buffers_.input.
  void queries_of_last_rows(int64_t i) {
    const Weight weight = forward_weights(model_, i).query_key_value;
    const float* const bias = layer_at(i).query_key_value.bias;
    float* const joint = buffers_.query_key_value;
    map_rows<Start::bias>(rows_, buffers_.input, weight.from(width_, 2 * width_), joint + width_, bias + width_);
    keep_last_rows();
    map_rows<Start::bias>(rows_, buffers_.input, weight.from(0, width_).in_float(), joint, bias);
  }

  /// Leaves in buffers_.input the last row of each sequence alone. Keys and values stay where they are.
  void keep_last_rows() {
    rows_ = 0;
    for (SequenceRows& sequence : group_) {
      const int64_t last = sequence.rows - 1, row = sequence.query_row(last);
      if (row != rows_) copy_rows(buffers_.input + row * width_, 1, buffers_.input + rows_ * width_);
      sequence.from = last;
      sequence.first_query = rows_++;
    }
  }

  /// Applies a norm to the row at a place, and saves the normalised row where there is memory for it.
  void apply_norm(int64_t place, Norm norm, NormalisedRows saved, float* x) const {
    const float scale = normalise(width_, x);
    if (saved.values) {
      copy_rows(x, 1, saved.values + place * width_);
      saved.scale[place] = scale;
    }
    scale_and_shift(width_, x, norm, x);
  }

  void feed_forward(int64_t i, const LayerWeights& weights, int64_t first, int64_t last) {
    const LayerParameters layer = layer_at(i);
    const int64_t count = last - first;
    map_rows<Start::bias>(count, buffers_.attended + first * width_, weights.up, buffers_.wide, layer.up.bias);
    activate(model_.activation, count * 4 * width_, buffers_.wide, nullptr);
    map_rows<Start::bias>(count, buffers_.wide, weights.down, buffers_.input + first * width_, layer.down.bias);
    for_each_row(first, last, [&](int64_t r, int64_t place) {
      float* y = buffers_.input + r * width_;
      drop_and_add(model_.dropout.layer[i].output, place, y, buffers_.attended + r * width_, y);
      apply_norm(place, layer.output_norm, saved_.layer[i].output, y);
    });
  }

  /// Writes the context of one head of a sequence to its columns of buffers_.context.
  void attend(int64_t i, const SequenceRows& sequence, int64_t head) {
    const int64_t stride = 3 * width_, padded = round_up(sequence.rows);
    const float* queries = buffers_.query_key_value + head * head_width_;
    const float *keys = queries + width_ + sequence.first_key * stride, *values = keys + width_;
    transpose(keys, stride, sequence.rows, head_width_, buffers_.keys_transposed, padded);
    for (int64_t first = sequence.from; first < sequence.rows; first += kQueryRows) {
      const int64_t last = smaller(sequence.rows, first + kQueryRows), row = sequence.query_row(first);
      const KeyRange range = keys_of(sequence, first, last);
      multiply<Start::zero>({last - first, range.end - range.begin, head_width_},
                            as_stored(queries + row * stride, stride), {buffers_.keys_transposed + range.begin, padded},
                            {buffers_.scores, padded});
      for (int64_t r = first; r < last; ++r)
        softmax(i, sequence, head, r, range, buffers_.scores + (r - first) * padded - range.begin);
      multiply<Start::zero>({last - first, head_width_, range.real_end - range.begin},
                            as_stored(buffers_.scores, padded), {values + range.begin * stride, stride},
                            {buffers_.context + row * width_ + head * head_width_, width_});
    }
  }

  /// The raw scores of query `r`, row[range.begin .. range.end - 1], become attention's weights after dropout.
  void softmax(int64_t i, const SequenceRows& sequence, int64_t head, int64_t r, KeyRange range, float* row) const {
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
      float* saved = saved_softmax(i, sequence, head, r);
      saved[0] = highest;
      saved[1] = inverse;
    }
    for (int64_t j = range.begin; j < range.end; j += kLanes) {
      Floats p = load(row + j) * inverse;
      if (mask.threshold) p *= drop_factor(mask, attention_element(sequence, head, r, j));
      store(row + j, p);
    }
  }
};

}  // namespace

void forward(const EncoderPass& pass, float* states) {
  const auto first_column = [&](int64_t number, int64_t item) -> int64_t {
    if (pass.wanted == WantedStates::all) return 0;
    // A user without items has a last state all the same.
    if (pass.wanted == WantedStates::last) return item == pass.length ? 0 : item;
    const int64_t width = pass.model.layout.width;
    clear(states + number * pass.length * width, item * width);
    return item;
  };
  for_each_group(pass, first_column,
                 [&](const SequenceGroup& group) { Forward(pass, group).run(pass.wanted, states); });
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA
