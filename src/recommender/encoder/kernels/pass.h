// The part of a pass over a group of sequences that both directions share: the classes in forward.cpp and backward.cpp
// derive from it.
#pragma once

#include "numerics/linalg/kernels/drop_factor.h"
#include "numerics/linalg/kernels/gemm.h"
#include "numerics/linalg/kernels/simd.h"
#include "recommender/encoder/kernels/buffers.h"
#include "recommender/encoder/kernels/elementwise.h"
#include "recommender/encoder/kernels/weights.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

constexpr float kMaskedScore = -10000.0f;

/// One sequence of a group. Its row r is column first_column + r of its input.
struct SequenceRows {
  int64_t number = 0;  ///< in the batch
  int64_t first_column = 0, rows = 0;
  int64_t first_item_row = 0;  ///< its rows before see no item
  int64_t first_key = 0;       ///< the row of the group that holds its row 0, which is a key at least
  int64_t from = 0;            ///< its rows before are keys alone
  int64_t first_query = 0;     ///< the row of the group that holds its row `from`

  int64_t query_row(int64_t row) const { return first_query + row - from; }
  int64_t queries() const { return rows - from; }
};

/// Short sequences share a group, so that each weight that is fetched serves many rows.
struct SequenceGroup {
  SequenceRows sequences[kGroupRows];
  int64_t count = 0, rows = 0;

  SequenceRows* begin() { return sequences; }
  SequenceRows* end() { return sequences + count; }
  const SequenceRows* begin() const { return sequences; }
  const SequenceRows* end() const { return sequences + count; }

  bool takes(int64_t more) const { return count == 0 || rows + more <= kGroupRows; }
  void add(SequenceRows sequence) {
    sequence.first_key = sequence.first_query = rows;
    rows += sequence.rows;
    sequences[count++] = sequence;
  }
};

/// The first column of a sequence with an item; its length if there is none.
inline int64_t first_item(const EncoderPass& pass, int64_t number) {
  const int64_t* const ids = pass.ids + number * pass.length;
  int64_t i = 0;
  while (i < pass.length && ids[i] == 0) ++i;
  return i;
}

/// Calls work(group) for all sequences of a pass in their order. first_column(number, first_item) says at which column
/// to begin with a sequence; one without columns is left out.
template <class FirstColumn, class Work>
void for_each_group(const EncoderPass& pass, FirstColumn first_column, Work work) {
  SequenceGroup group;
  for (int64_t number = pass.first; number < pass.end; number += pass.step) {
    const int64_t item = first_item(pass, number), column = first_column(number, item), rows = pass.length - column;
    if (rows == 0) continue;
    if (!group.takes(rows)) {
      work(group);
      group.count = group.rows = 0;
    }
    group.add({.number = number, .first_column = column, .rows = rows, .first_item_row = item - column});
  }
  if (group.count > 0) work(group);
}

/// The encoder on a group of sequences, whose rows lie one after another.
class GroupPass {
 public:
  GroupPass(const EncoderPass& pass, const SequenceGroup& group)
      : model_(pass.model),
        saved_(pass.saved),
        ids_(pass.ids),
        length_(pass.length),
        width_(model_.layout.width),
        head_width_(width_ / model_.heads),
        buffers_(buffers_in(pass.scratch, model_, pass.length)),
        group_(group),
        rows_(group.rows) {}

 protected:
  /// Number of a sequence's row among the N L positions of the batch.
  int64_t place(const SequenceRows& sequence, int64_t row) const {
    return sequence.number * length_ + sequence.first_column + row;
  }
  /// Calls work(row, place) for the rows first .. last - 1 of the group.
  template <class Work>
  void for_each_row(int64_t first, int64_t last, Work work) const {
    for (const SequenceRows& sequence : group_) {
      const int64_t begin = sequence.first_query, shift = place(sequence, sequence.from) - begin;
      const int64_t end = smaller(begin + sequence.queries(), last);
      for (int64_t r = larger(begin, first); r < end; ++r) work(r, r + shift);
    }
  }
  template <class Work>
  void for_each_row(Work work) const {
    for_each_row(0, rows_, work);
  }

  LayerParameters<const float*> layer_at(int64_t i) const {
    return layer_parameters(model_.layout, model_.parameters, i);
  }

  /// to [rows, columns] = x [rows, inner] times the weight, plus what `start` says.
  template <Start start>
  void map_rows(int64_t rows, const float* x, const Weight& weight, float* to, const float* bias = nullptr) const {
    multiply_rows<start>(rows, x, weight, to, buffers_.parts, bias);
  }

  /// to = base + dropout(x), for the row at a place.
  void drop_and_add(const DropoutMask& mask, int64_t place, const float* x, const float* base, float* to) const {
    const uint32_t first = first_element(place);
    for (int64_t c = 0; c < width_; c += kLanes) {
      Floats v = load(x + c);
      if (mask.threshold) v *= drop_factor(mask, first + static_cast<uint32_t>(c));
      store(to + c, load(base + c) + v);
    }
  }
  void drop(const DropoutMask& mask, int64_t place, const float* x, float* to) const {
    const uint32_t first = first_element(place);
    for (int64_t c = 0; c < width_; c += kLanes) {
      Floats v = load(x + c);
      if (mask.threshold) v *= drop_factor(mask, first + static_cast<uint32_t>(c));
      store(to + c, v);
    }
  }

  /// Prepares what keys_of() and masked() need to know of a sequence.
  void begin_attention(const SequenceRows& sequence) const {
    const int64_t* const ids = ids_ + place(sequence, 0);
    for (int64_t j = 0; j < round_up(sequence.rows); ++j) {
      buffers_.future_mask[j] = j < sequence.rows ? kMaskedScore : -__builtin_inff();
      buffers_.mask[j] = j < sequence.rows && ids[j] > 0 ? 0.0f : buffers_.future_mask[j];
    }
  }

  struct KeyRange {
    int64_t begin, end;  ///< end: a multiple of kStep past begin, at most the sequence's rows, rounded up
    int64_t real_end;    ///< end without the columns that only fill up
  };
  /// The keys that the queries first .. last - 1 of a sequence may see. A row that sees no item attends to all columns
  /// alike.
  static KeyRange keys_of(const SequenceRows& sequence, int64_t first, int64_t last) {
    const int64_t padded = round_up(sequence.rows);
    if (first < sequence.first_item_row) return {0, padded, sequence.rows};
    const int64_t begin = sequence.first_item_row / kStep * kStep;
    const int64_t end = smaller(begin + round_up(last - begin), padded);
    return {begin, end, smaller(end, sequence.rows)};
  }

  /// The raw scores of one query with the keys from `key` on, scaled and masked. They are scaled before the mask is
  /// added, because next to -10000 a score keeps few digits.
  Floats masked(Floats score, float scale, int64_t query, int64_t key) const {
    const Ints past = (Ints)(splat(static_cast<uint32_t>(key)) + lane_numbers()) <= static_cast<int32_t>(query);
    return fused(score, scale, select(past, load(buffers_.mask + key), load(buffers_.future_mask + key)));
  }

  float score_scale() const { return 1.0f / __builtin_sqrtf(static_cast<float>(head_width_)); }
  /// Number of a weight in the [N, H, L, L] tensor of attention's weights, for the dropout masks.
  uint32_t attention_element(const SequenceRows& sequence, int64_t head, int64_t query, int64_t key) const {
    return static_cast<uint32_t>(attention_row(sequence, head, query) * length_ + sequence.first_column + key);
  }
  /// Where the softmax of a row is saved: its largest score and 1 / the sum of its exponentials.
  float* saved_softmax(int64_t layer, const SequenceRows& sequence, int64_t head, int64_t row) const {
    return saved_.layer[layer].softmax + attention_row(sequence, head, row) * 2;
  }

  const EncoderModel& model_;
  const SavedActivations& saved_;
  const int64_t* ids_;  // [N, L]
  int64_t length_, width_, head_width_;
  const Buffers buffers_;
  SequenceGroup group_;
  int64_t rows_;  // of the group, at the moment

 private:
  static Buffers buffers_in(float* memory, const EncoderModel& model, int64_t length) {
    Scratch scratch(memory);
    return Buffers(model, length, scratch);
  }
  /// Number of a row's first element in a [N, L, D] tensor, for the dropout masks.
  uint32_t first_element(int64_t place) const { return static_cast<uint32_t>(place * width_); }
  int64_t attention_row(const SequenceRows& sequence, int64_t head, int64_t query) const {
    return (sequence.number * model_.heads + head) * length_ + sequence.first_column + query;
  }
};

}  // namespace latentcrs::kernels::LATENTCRS_ISA
