// SASRec's encoder as one differentiable operation on the CPU: a kernel of our own (linalg/kernels/encoder.h) that
// keeps each sequence's work in a core's cache, stores three states a layer for the backward pass and computes the rest
// again.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "config/pretrain_options.h"
#include "linalg/kernels/encoder.h"
#include "model/dropout.h"

namespace latentcrs {

/// The encoder's parameters as LibTorch has them.
struct EncoderTensors {
  at::Tensor items;      ///< [V, D]
  at::Tensor positions;  ///< [L, D], of the columns of the input
  at::Tensor norm_weight, norm_bias;
  /// Of each layer, in the order of kernels::Layout: the weights [out, in] of query, key and value, their biases, then
  /// weight and bias of each of dense, LayerNorm, dense_1, dense_2, LayerNorm.
  std::vector<std::vector<at::Tensor>> layers;
};

/// Whether the kernel can: float32 on the CPU, and heads whose width is a multiple of 16.
bool fits_fused_encoder(const at::Tensor& items, const EncoderOptions& options);

/// ids [N, L] int64 -> states [N, L, D]; [N, D] for States::last, which takes no gradient. Draws as many dropout keys
/// as the composed encoder, in its order, so that both drop the same elements. The result, gradients included, has the
/// same bits for any number of threads. backward() works once.
at::Tensor fused_encoder(const EncoderTensors& tensors, const at::Tensor& ids, const EncoderOptions& options,
                         Dropout& dropout, kernels::States wanted);

}  // namespace latentcrs
