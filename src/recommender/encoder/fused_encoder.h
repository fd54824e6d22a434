// SASRec's encoder as one differentiable operation on the CPU. Its kernels (kernels/encoder_kernel.h) keep the work on
// each sequence in a core's cache, save three states a layer for the backward pass and compute the rest again.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "base/config/pretrain_options.h"
#include "numerics/linalg/dropout.h"
#include "recommender/encoder/kernels/encoder_kernel.h"
#include "recommender/encoder/layer_parameters.h"

namespace latentcrs {

/// The encoder's parameters as tensors.
struct EncoderTensors {
  at::Tensor items;      ///< [V, D]
  at::Tensor positions;  ///< [L, D], of the columns of the input
  WeightAndBias<at::Tensor> embedding_norm;
  std::vector<LayerParameters<at::Tensor>> layers;
};

/// Whether the kernels can compute this encoder: float32 on the CPU, and heads whose width is a multiple of 16.
bool fits_fused_encoder(const at::Tensor& items, const EncoderOptions& options);

/// ids [N, L] int64 -> states [N, L, D]; [N, D] for WantedStates::last, which takes no gradient. Draws as many dropout
/// keys as the composed encoder (recommender/model/sasrec.cpp), in its order, so that both drop the same elements.
/// Results and gradients have the same bits for any number of threads. backward() works once and throws Error(internal)
/// after that.
at::Tensor fused_encoder(const EncoderTensors& tensors, const at::Tensor& ids, const EncoderOptions& options,
                         Dropout& dropout, kernels::WantedStates wanted);

}  // namespace latentcrs
