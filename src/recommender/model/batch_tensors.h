// A training batch as tensors on the encoder's device.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "datasets/data/sequence_batch.h"

namespace latentcrs {

/// P of the batch's B * L positions have a next item.
struct BatchTensors {
  at::Tensor ids;        ///< [(1 + views) * B, L], the train inputs, then view after view
  at::Tensor rows;       ///< [P], the positions
  at::Tensor targets;    ///< [P], their next items
  at::Tensor weights;    ///< [P], the weight of each in the loss; undefined: the mean of all
  at::Tensor negatives;  ///< [N] int64, the batch's own, ascending; or [P, N] int32, of positions; else undefined
  at::Tensor labels;     ///< [B], for de-noising; else undefined

  /// As a list, and back.
  std::vector<at::Tensor> all() const { return {ids, rows, targets, weights, negatives, labels}; }
  static BatchTensors of(const std::vector<at::Tensor>& all) {
    return {all[0], all[1], all[2], all[3], all[4], all[5]};
  }
};

/// Ids [sizes] on a device.
at::Tensor ids_on_device(const std::vector<int64_t>& ids, at::IntArrayRef sizes, at::Device device);

/// P becomes a multiple of `multiple` by positions of weight 0, so that few sizes occur; with 1 all weigh alike.
BatchTensors batch_tensors(const TrainingBatch& batch, at::Device device, int64_t multiple = 1);

}  // namespace latentcrs
