// The first layer of the prior's text projection, whose weight and Adam's moments the processes share: it is the only
// large weight of EM, and its gradient would be most of what they send.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "numerics/parallel/shards.h"
#include "numerics/tensor/tensor_file.h"
#include "recommender/train/em_networks.h"

namespace latentcrs {

/// W [H, E] of x -> W x. A process learns a run of the rows of W, and computes their outputs for all examples of a
/// step; the outputs and their gradients go round, [B, H] each way. A row's bits do not depend on how many a process
/// has. B examples of a step, b of a shard.
class SplitProjection {
 public:
  /// Whether these networks have such a layer and it is shared: with several shards, on the CPU.
  static bool applies(const EmNetworks& networks, const Shards& shards);
  SplitProjection(const EmNetworks& networks, const Shards& shards);

  /// Computes the outputs x Wᵀ [B, H] of a step with the texts x [B, E], in every process.
  void begin_step(const at::Tensor& text);
  /// Those of some examples, [b, H], record their gradient from here on, and outputs() gives them.
  void record(Part examples);
  const at::Tensor& outputs() const { return recording_; }
  /// Keeps that gradient, after it was computed.
  void keep_gradient();
  /// Gives the rows that this process learns their gradient. `from_shards`: a process has kept those of its own shards;
  /// else each has kept those of all examples.
  void end_step(bool from_shards);
  /// Gives W its rows from all processes, which it lacks after a step.
  void gather_weight();

  /// The parameters without W, and with the rows that this process learns.
  using Parameters = std::vector<std::pair<std::string, at::Tensor>>;
  static Parameters without_weight(const Parameters& parameters);
  Parameters with_own_rows(const Parameters& parameters) const;
  /// Adam's state of these rows, and of all rows, as it stands in files.
  StateDict whole(StateDict adam) const;
  StateDict own_part(StateDict adam) const;

 private:
  Part own() const { return rows_[static_cast<size_t>(shards_.processes().rank())]; }

  Shards shards_;
  at::Tensor weight_, own_weight_;  // [H, E], and a view of the own rows of it
  std::vector<Part> rows_;          // of each process
  // Of the step that runs:
  at::Tensor text_, outputs_, gradient_;  // [B, E], [B, H], [B, H]
  Part examples_;                         // those that record, and
  at::Tensor recording_;                  // their outputs
};

}  // namespace latentcrs
