// The memory of a pass: the places of a layer's parameters, and the buffers that the pass works in.
#pragma once

#include "numerics/linalg/kernels/simd.h"
#include "recommender/encoder/kernels/encoder_kernel.h"
#include "recommender/encoder/layer_parameters.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

constexpr int64_t kQueryRows = 16;   // attention works on so many rows of scores at a time
constexpr int64_t kFfnRows = 64;     // the feed-forward part on so many positions
constexpr int64_t kGroupRows = 128;  // short sequences are put together up to so many positions

#if defined(LATENTCRS_TILES)
constexpr int64_t kRowStep = 32;                        // products write rows in groups of so many
constexpr int64_t kPackedRows = 64, kPackedWidth = 64;  // numbers that are packed at a time: these fit the first cache
constexpr int64_t kPartsMemory = kPackedRows * kPackedWidth * 3 / 2;  // in floats
#else
constexpr int64_t kRowStep = 1, kPartsMemory = 0;
#endif

inline int64_t round_up(int64_t n) { return (n + kStep - 1) / kStep * kStep; }
inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

/// Takes weight and bias from the front of a block of parameters.
template <class Float>
inline WeightAndBias<Float*> take_parameters(Float*& next, int64_t weights, int64_t biases) {
  const WeightAndBias<Float*> taken{next, next + weights};
  next += weights + biases;
  return taken;
}

/// Weight and bias of the embeddings' norm in a block of parameters.
template <class Float>
inline WeightAndBias<Float*> embedding_norm(const ParameterLayout& layout, Float* block) {
  return {block, block + layout.width};
}

/// The parameters of one layer in a block of them, or their gradients in a block of gradients.
template <class Float>
inline LayerParameters<Float*> layer_parameters(const ParameterLayout& layout, Float* block, int64_t layer) {
  const int64_t d = layout.width, square = d * d;
  Float* next = block + 2 * d + layer * layout.layer_size();
  return {.query_key_value = take_parameters(next, 3 * square, 3 * d),
          .attention_output = take_parameters(next, square, d),
          .attention_norm = take_parameters(next, d, d),
          .up = take_parameters(next, 4 * square, 4 * d),
          .down = take_parameters(next, 4 * square, d),
          .output_norm = take_parameters(next, d, d)};
}

/// Hands out pieces of the scratch memory; without memory it only counts the floats that would be needed.
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

/// The buffers of a pass over sequences of L columns, of which it holds R rows at a time. "padded": L rounded up to
/// kStep.
struct Buffers {
  Buffers(const EncoderModel& model, int64_t length, Scratch& memory) {
    const int64_t d = model.layout.width, head = d / model.heads, padded = round_up(length);
    const int64_t rows = (larger(length, kGroupRows) + kRowStep - 1) / kRowStep * kRowStep;
    input = memory.take(rows * d);
    query_key_value = memory.take(rows * 3 * d);
    context = memory.take(rows * d);
    attended = memory.take(rows * d);
    wide = memory.take(kFfnRows * 4 * d);
    slope = memory.take(kFfnRows * 4 * d);
    wide_gradient = memory.take(kFfnRows * 4 * d);
    scores = memory.take(kQueryRows * padded);
    score_gradients = memory.take(kQueryRows * padded);
    keys_transposed = memory.take(head * padded);
    values_transposed = memory.take(head * padded);
    mask = memory.take(padded);
    future_mask = memory.take(padded);
    gradient = memory.take(rows * d);
    dropped = memory.take(rows * d);
    query_key_value_gradient = memory.take(rows * 3 * d);
    parts = reinterpret_cast<uint16_t*>(memory.take(kPartsMemory));
  }

  float* input;                     ///< [R, D], of a layer; the forward pass writes the layer's result over it
  float* query_key_value;           ///< [R, 3 D]
  float* context;                   ///< [R, D]; in the backward pass its gradient
  float* attended;                  ///< [R, D], the states between attention and feed-forward part
  float* wide;                      ///< [kFfnRows, F], the activated hidden states of the feed-forward part
  float* slope;                     ///< [kFfnRows, F], derivative of the activation
  float* wide_gradient;             ///< [kFfnRows, F]
  float* scores;                    ///< [kQueryRows, padded], attention's scores, then its weights
  float* score_gradients;           ///< [kQueryRows, padded]
  float* keys_transposed;           ///< [D / H, padded], of one head
  float* values_transposed;         ///< [D / H, padded], of one head
  float* mask;                      ///< [padded], added to the scores of keys that do not lie in the future
  float* future_mask;               ///< [padded], added to the others
  float* gradient;                  ///< [R, D], of the states as they go back
  float* dropped;                   ///< [R, D], the gradient behind a dropout
  float* query_key_value_gradient;  ///< [R, 3 D]
  uint16_t* parts;                  ///< [kPackedRows, kPackedWidth], numbers in three parts each, where there is AMX
};

}  // namespace latentcrs::kernels::LATENTCRS_ISA
