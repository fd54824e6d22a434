// A training batch as tensors on the encoder's device.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "config/config.h"
#include "data/sequence_batch.h"

namespace latentcrs {

/// P of the batch's B * L positions have a next item.
struct BatchTensors {
  at::Tensor ids;        ///< [(1 + views) * B, L], the train inputs, then view after view
  at::Tensor rows;       ///< [P], the positions
  at::Tensor targets;    ///< [P], their next items
  at::Tensor weights;    ///< [P], what each counts in the loss; undefined: the mean of all
  at::Tensor negatives;  ///< bce: [P]; sampled_softmax: [num_negatives], ascending; gbce: [P, num_negatives], int32
  at::Tensor labels;     ///< [B], for de-noising; else undefined

  /// As a list, and back.
  std::vector<at::Tensor> all() const { return {ids, rows, targets, weights, negatives, labels}; }
  static BatchTensors of(const std::vector<at::Tensor>& all) {
    return {all[0], all[1], all[2], all[3], all[4], all[5]};
  }
};

/// Ids [sizes] on a device.
at::Tensor ids_on_device(const std::vector<int64_t>& ids, at::IntArrayRef sizes, at::Device device);

/// P becomes a multiple of `multiple` by positions that weigh nothing, so that few sizes occur; with 1 all weigh alike.
BatchTensors batch_tensors(const TrainingBatch& batch, const PretrainOptions& options, at::Device device,
                           int64_t multiple = 1);

}  // namespace latentcrs
