// All matrix products of the program, and which one to call.
//
//   matrix_product()   two matrices, or a batch and a matrix: layers and scores of the networks. The default.
//   linear()           the same with a bias, in the form of torch.nn.Linear.
//   wide_linear()      text embeddings times the wide weight that they meet first: reads float16 without copying it.
//   batched_product()  many pairs of small matrices, with gradients: attention.
//   packed_product()   rows of a result whose bits must not depend on how many rows are computed at once, and products
//                      inside a parallel loop that have a large factor: the best items of users. packed_gram() is the
//                      product of a matrix with its own rows: the similarities of a contrast.
//   serial_product()   matrices in plain memory inside a parallel loop: k-means, and batched_product() itself.
//
// Three places multiply in another way. The encoder's kernels (recommender/encoder/kernels) multiply blocks that lie in
// a core's cache with numerics/linalg/kernels/gemm.h. So do the softmax over a catalogue and the ranks in one, which
// use up a tile of the product before the next one is made (numerics/linalg/kernels/logits.h, or numerics/linalg/amx
// where `arithmetic: native` finds AMX). The gBCE loss multiplies single rows of the item table with
// numerics/linalg/kernels/pairs.h.
//
// LibTorch's own operators (at::mm, at::bmm, at::matmul, at::linear, at::addmm) are called directly for these reasons
// alone (a test checks that each such source is named here):
//   - They are the right ones on a GPU: recommender/eval/ranker.cpp, recommender/train/softmax_loss.cpp,
//     recommender/train/gbce_loss.cpp and recommender/train/icl_losses.cpp have a branch for it.
//   - The composed encoder (recommender/model/sasrec.cpp) is the encoder written with LibTorch's operators: for GPUs,
//     for bfloat16 and for heads that the kernels do not take.
//   - The contrastive losses of shards (recommender/train/nce_rows.cpp) multiply the few rows of one shard with those
//     of all users, which a packed product would pack anew for each shard.
//   - The losses of EM (recommender/train/em_steps.cpp) multiply a batch with a few vectors and need LibTorch's
//     derivatives.
//   - An intent is assigned by at::addmm (recommender/model/intent_clusters.cpp), which adds the squared lengths as it
//     multiplies.
//   - Figures for people are computed in double precision or for a few rows (recommender/eval/intent_overview.cpp,
//     service/api/intent_names.cpp, experiment/stages/stage_evaluate.cpp).
//
// BLAS has one thread (experiment/run/compute_environment.cpp); code that uses more threads divides its work itself.
// Sums and norms whose bits do not depend on the number of threads are in numerics/linalg/fixed_order.h.
#pragma once

#include <ATen/core/Tensor.h>

#include "numerics/linalg/batched_product.h"
#include "numerics/linalg/packed_product.h"
#include "numerics/linalg/serial_product.h"

namespace latentcrs {

/// a b: a [..., K], b [K, N] on any device -> [..., N]. Where gradients are enabled, and for an `a` that is no matrix,
/// it is LibTorch's matmul. For two matrices without gradient it is inference_product().
at::Tensor matrix_product(const at::Tensor& a, const at::Tensor& b);

/// a b in float32 without gradient: a [M, K], b [K, N] of floating-point types on any device. On the CPU large ones
/// take packed_product(), all others LibTorch's mm.
at::Tensor inference_product(const at::Tensor& a, const at::Tensor& b);

/// x Wᵀ + b over the last dimension: x [..., in], weight [out, in], bias [out] -> [..., out]; by matrix_product() where
/// gradients are disabled.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

/// x Wᵀ: x [B, E] float32, float16 or bfloat16, weight [N, E] float32 -> [B, N] float32. Gradients flow to the weight
/// only. Value and gradient are inference_product()s.
at::Tensor wide_linear(const at::Tensor& x, const at::Tensor& weight);

}  // namespace latentcrs
