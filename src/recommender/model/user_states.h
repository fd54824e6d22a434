// h_u: the last encoder state of a user's history, and the histories as encoder input.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "datasets/data/histories.h"
#include "recommender/model/sasrec.h"

namespace latentcrs {

/// Which positions the columns of a batch are given.
enum class Positions {
  from_right,   ///< the newest item always has the last one, as in pretraining: h_u depends on the user's history alone
  batch_width,  ///< from 0 at the batch's longest history, as published (compat.batch_width_positions)
};

/// Histories as encoder input, resident on a device. Each keeps its last L = max_seq_length items.
class UserSequences {
 public:
  UserSequences(const Histories& histories, int64_t max_seq_length, Positions positions, c10::Device device);

  int64_t size() const { return ids_.size(0); }
  /// All states [B, W, d] of the rows [B] int64 (on the device).
  at::Tensor states(SasRec encoder, const at::Tensor& rows, Dropout& dropout) const;
  /// h_u [B, d] of the rows, the last of states(); without gradient only that is computed.
  at::Tensor last_state(SasRec encoder, const at::Tensor& rows, Dropout& dropout) const;
  /// h_u [n, d] of all rows, dropout off, without gradient. `block` consecutive rows share a batch.
  at::Tensor last_states(SasRec encoder, int64_t block) const;

 private:
  at::Tensor ids_of(const at::Tensor& rows) const;
  int64_t first_position(const SasRec& encoder, const at::Tensor& ids) const;

  at::Tensor ids_;      // [n, W]
  at::Tensor lengths_;  // [n]
  Positions positions_;
};

}  // namespace latentcrs
