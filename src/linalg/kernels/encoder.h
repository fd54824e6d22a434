// The SASRec encoder of one sequence, forward and backward, with the whole working set in a core's cache. Plain memory,
// no LibTorch, no threads: src/model/fused_encoder.cpp drives it. What it computes is what sasrec.cpp says with
// LibTorch's operators, dropout masks included; tests/model/fused_encoder_test.cpp compares the two. Letters: L
// columns, D hidden width, H heads, F = 4 D.
#pragma once

#include <cstdint>

#include "linalg/dropout_mask.h"

namespace latentcrs::kernels {

enum class Activation { gelu, relu, swish };

/// Where the parameters lie in one block of floats. Gradients have the same layout.
struct Layout {
  int64_t width = 0, layers = 0;

  static constexpr int64_t kMatrices = 12;  ///< of D x D floats in a layer: 4 of attention, 8 of the feed-forward part
  static constexpr int64_t kVectors = 13;   ///< of D floats in a layer
  int64_t layer_size() const { return kMatrices * width * width + kVectors * width; }
  int64_t size() const { return 2 * width + layers * layer_size(); }

  // The first norm: weight, then bias.
  int64_t norm_weight() const { return 0; }
  int64_t norm_bias() const { return width; }
  // Of layer i. Matrices are [out, in], as published; query, key and value [3 D, D] lie together.
  int64_t layer(int64_t i) const { return 2 * width + i * layer_size(); }
  int64_t qkv(int64_t i) const { return layer(i); }
  int64_t qkv_bias(int64_t i) const { return qkv(i) + 3 * width * width; }
  int64_t out(int64_t i) const { return qkv_bias(i) + 3 * width; }
  int64_t out_bias(int64_t i) const { return out(i) + width * width; }
  int64_t attention_norm_weight(int64_t i) const { return out_bias(i) + width; }
  int64_t attention_norm_bias(int64_t i) const { return attention_norm_weight(i) + width; }
  int64_t up(int64_t i) const { return attention_norm_bias(i) + width; }  ///< dense_1 [F, D]
  int64_t up_bias(int64_t i) const { return up(i) + 4 * width * width; }
  int64_t down(int64_t i) const { return up_bias(i) + 4 * width; }  ///< dense_2 [D, F]
  int64_t down_bias(int64_t i) const { return down(i) + 4 * width * width; }
  int64_t ffn_norm_weight(int64_t i) const { return down_bias(i) + width; }
  int64_t ffn_norm_bias(int64_t i) const { return ffn_norm_weight(i) + width; }
};

constexpr int kMaxLayers = 16;

struct Model {
  Layout layout;
  int64_t heads = 0;  ///< D / H is a multiple of 16
  Activation activation = Activation::gelu;
  const float* items = nullptr;       ///< [V, D]
  const float* positions = nullptr;   ///< [L, D], of the columns
  const float* parameters = nullptr;  ///< by layout
  const float* transposed = nullptr;  ///< the same block with its matrices as [in, out] (qkv: [D, 3 D])
  DropoutMask embedding, attention[kMaxLayers], out[kMaxLayers], ffn[kMaxLayers];
};

/// Which states the caller wants.
enum class States {
  all,
  real,  ///< from the first item on; those of the padding before it are zero and take no gradient
  last,  ///< the last one alone; forward only
};

/// What the forward pass of one sequence leaves for its backward pass. Null pointers: nothing is kept.
struct Kept {
  float* embedded = nullptr;        ///< [L, D], embeddings normalised, before weight and bias
  float* embedded_scale = nullptr;  ///< [L], 1 / standard deviation
  struct Layer {
    float* context = nullptr;                                    ///< [L, D], attention's output before `out`
    float *attended = nullptr, *finished = nullptr;              ///< [L, D], as `embedded`, of the two norms
    float *attended_scale = nullptr, *finished_scale = nullptr;  ///< [L]
    float* softmax = nullptr;  ///< [H, L, 2]: the row's largest score and 1 / sum of exponentials
  } layer[kMaxLayers];
};

struct Sequence {
  const int64_t* ids = nullptr;  ///< [L], left-padded with 0
  int64_t length = 0;            ///< L
  int64_t number = 0;            ///< in the batch: places the sequence in the dropout masks
};

struct EncoderKernel {
  const char* instruction_set;
  /// Floats of scratch memory that the calls below need.
  int64_t (*scratch_size)(const Model& model, int64_t length);
  /// states [L, D] (States::last: [D]).
  void (*forward)(const Model& model, const Sequence& sequence, States wanted, const Kept& kept, float* states,
                  float* scratch);
  /// From the gradient of the states [L, D] to those of the parameters and positions (added to) and of the embeddings
  /// (written over kept.embedded, [L, D]; rows without gradient become zero).
  void (*backward)(const Model& model, const Sequence& sequence, States wanted, const Kept& kept,
                   const float* state_gradients, float* parameter_gradients, float* position_gradients, float* scratch);
};

/// The copy for this processor's instruction set (dispatch.h).
const EncoderKernel& encoder_kernel();

}  // namespace latentcrs::kernels
