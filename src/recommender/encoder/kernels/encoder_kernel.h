// The SASRec encoder of a few sequences, forward and backward, with the whole working set in a core's cache. It works
// on plain memory, without LibTorch and without threads; recommender/encoder/fused_encoder.cpp drives it. It computes
// what recommender/model/sasrec.cpp expresses with LibTorch's operators, dropout masks included, and
// tests/model/fused_encoder_test.cpp compares the two. Letters: N sequences, L columns, D hidden width, H heads, F = 4
// D.
#pragma once

#include <cstdint>

#include "numerics/linalg/dropout_mask.h"

namespace latentcrs::kernels {

enum class Activation { gelu, relu, swish };

/// Sizes of the block of floats that holds the parameters: weight and bias of the embeddings' norm, then those of each
/// layer in the order of LayerParameters. A block of gradients has the same layout.
struct ParameterLayout {
  int64_t width = 0;  ///< D
  int64_t layers = 0;

  static constexpr int64_t kMatrices = 12;  ///< of D x D floats in a layer: 4 of attention, 8 of the feed-forward part
  static constexpr int64_t kVectors = 13;   ///< of D floats in a layer
  int64_t layer_size() const { return kMatrices * width * width + kVectors * width; }
  int64_t size() const { return 2 * width + layers * layer_size(); }
};

constexpr int kMaxLayers = 16;

/// The masks of one pass over a batch.
struct EncoderDropout {
  DropoutMask embedding;  ///< of the normalised embeddings
  struct Layer {
    DropoutMask attention_weights, attention_output, output;
  } layer[kMaxLayers];
};

/// A float32 number as three bfloat16 parts. A matrix of them has the order of the tiles of AMX.
struct SplitNumber {
  uint16_t parts[3];
};

struct EncoderModel {
  ParameterLayout layout;
  int64_t heads = 0;  ///< D / H is a multiple of 16
  Activation activation = Activation::gelu;
  EncoderDropout dropout;
  const float* items = nullptr;       ///< [V, D]
  const float* positions = nullptr;   ///< [L, D], of the columns
  const float* parameters = nullptr;  ///< by layout
  const float* transposed = nullptr;  ///< the same block with its matrices as [in, out] (query, key, value: [D, 3 D])
  const SplitNumber* split_parameters = nullptr;  ///< their matrices as split() writes them; null: not split
  const SplitNumber* split_transposed = nullptr;  ///< those of `transposed`
};

/// The states that the caller wants.
enum class WantedStates {
  all,
  real,  ///< from the first item on; states of the padding before it are zero and take no gradient
  last,  ///< the last one alone, which only the forward pass can do
};

/// Rows normalised to mean 0 and variance 1, before weight and bias of their norm.
struct NormalisedRows {
  float* values = nullptr;  ///< [N, L, D]
  float* scale = nullptr;   ///< [N, L], 1 / standard deviation
};

/// The numbers that the forward pass of a batch saves for its backward pass. With null pointers it saves nothing.
struct SavedActivations {
  NormalisedRows embedded;
  struct Layer {
    float* context = nullptr;  ///< [N, L, D], attention's result before its output map
    NormalisedRows attended, output;
    float* softmax = nullptr;  ///< [N, H, L, 2]: the row's largest score and 1 / sum of exponentials
  } layer[kMaxLayers];
};

/// The work on the sequences first, first + step, ... before `end` of a batch, one after another.
struct EncoderPass {
  const EncoderModel& model;
  const int64_t* ids = nullptr;  ///< [N, L], left-padded with 0
  int64_t length = 0;            ///< L
  int64_t first = 0, end = 0, step = 1;
  WantedStates wanted = WantedStates::all;
  SavedActivations saved = {};  ///< of the batch
  float* scratch = nullptr;     ///< scratch_size() floats
};

struct EncoderGradients {
  const float* states = nullptr;  ///< [N, L, D], given
  float* parameters = nullptr;    ///< by layout, added to
  float* positions = nullptr;     ///< [L, D], added to
};

struct EncoderKernel {
  /// Floats of scratch memory that a pass over sequences of `length` columns needs.
  int64_t (*scratch_size)(const EncoderModel& model, int64_t length);
  /// Writes the matrices of model.parameters, and of model.transposed unless `transposed` is null, to blocks of the
  /// same layout, which begin at a cache line. False where this cannot be done: D is no multiple of 32, or a weight is
  /// not finite. The function is null for instruction sets that multiply in float32.
  bool (*split)(const EncoderModel& model, SplitNumber* parameters, SplitNumber* transposed);
  /// Writes those states [N, L, D] (WantedStates::last: [N, D]) that belong to its sequences.
  void (*forward)(const EncoderPass& pass, float* states);
  /// Besides `gradients` it writes the gradient of the embeddings over saved.embedded.values; rows without a gradient
  /// become zero. The bits depend on the order of the sequences, not on which of them a pass works on together.
  void (*backward)(const EncoderPass& pass, const EncoderGradients& gradients);
};

}  // namespace latentcrs::kernels
