// The SASRec encoder of ICLRec (docs/method.md, section 4.1): item ids to states, under the published parameter names.
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <memory>

#include "base/config/pretrain_options.h"
#include "numerics/linalg/dropout.h"

namespace latentcrs {

/// The states of the padding in front of a sequence.
enum class PaddedStates {
  computed,  ///< as published: real numbers, which count in mean and concatenated representations
  zero,      ///< zero, without gradient; all other states are the same and take less time
};

/// The way the encoder computes. Results differ by rounding only.
struct EncoderCompute {
  bool fused = true;             ///< fused_encoder() where it fits: on the CPU, with heads of 16, 32, … columns
  bool fused_attention = false;  ///< on CUDA, with LibTorch 2: attention in one kernel, which stores no [L, L] scores
  Precision precision = Precision::float32;  ///< of matrix products; sums and norms are always in float32
};

/// Letters: B batch, L sequence, D hidden width, V rows of the item table (row 0 pads).
class SasRecImpl : public torch::nn::Module {
 public:
  /// Weights N(0, initializer_range), biases 0, norms 1, from `seed`. item_size = V = max item id + 2.
  SasRecImpl(int64_t item_size, const EncoderOptions& options, uint64_t seed);

  /// ids [B, L] int64, left-padded with 0 -> states [B, L, D]. Column j is given position `first_position + j`; with
  /// first_position = max_seq_length - L positions count from the right as in pretraining, for any L.
  /// A row's padded states are real numbers (they attend to all columns alike) and count in mean representations.
  at::Tensor forward(const at::Tensor& ids, Dropout& dropout, int64_t first_position,
                     PaddedStates padded = PaddedStates::computed);
  /// The last column of forward(), [B, D]; without gradient only that is computed.
  at::Tensor forward_last(const at::Tensor& ids, Dropout& dropout, int64_t first_position);
  /// Last state [B, D], dropout off, positions from the right. Columns that are padding in the whole batch are cut
  /// first, which changes no last state: a user's state does not depend on who shares the batch.
  at::Tensor last_state(const at::Tensor& ids);

  /// From here on positions are 0 and get no gradient: the states do not depend on the order of the items before.
  void remove_positions();
  /// Item embeddings [V, D], requiring grad; row 0 gets no gradient.
  at::Tensor& item_table();
  int64_t item_size() const;
  const EncoderOptions& options() const { return options_; }
  void set_compute(const EncoderCompute& compute) { compute_ = compute; }

 private:
  struct Layers;
  void check_columns(int64_t length, int64_t first_position) const;
  bool fused(const at::Tensor& ids) const;
  EncoderCompute compute_;
  EncoderOptions options_;
  std::shared_ptr<Layers> layers_;
};
TORCH_MODULE(SasRec);

}  // namespace latentcrs
