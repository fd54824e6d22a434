// The losses that teach the encoder the next item (pretrain.loss): pure functions to differentiable scalars. states
// [P, D] of the positions, items [V, D] the whole item table, targets [P] the next item of each position, a row of
// `items`. A loss is the mean over the positions, or their sum with `weights` [P]; 0 for P = 0. Values and gradients
// have the same bits for any number of threads. Gradients are computed with the values where a gradient is recorded.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace latentcrs {

/// states [B, L, D] at rows [P] of the B * L positions: [P, D], with a deterministic gradient.
at::Tensor states_at(const at::Tensor& states, const at::Tensor& rows);
/// The weights as they are, or if undefined those of the mean over states [P, D]: [P].
at::Tensor position_weights(const at::Tensor& states, const at::Tensor& weights);

/// Binary cross-entropy against one negative [P] a position, as published: 1e-24 inside the logarithms.
at::Tensor bce_loss(const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets,
                    const at::Tensor& negatives, const at::Tensor& weights = {});

/// Cross-entropy of the target among itself and the rows `others` [C] of `items`, ascending int64; one that is the
/// target is not counted again. With the rows of all items this is the softmax over the catalogue: rows that are left
/// out (padding, mask, ids without item) are no candidates. With rows drawn uniformly it is the sampled softmax: the
/// correction of a logit by the logarithm of how often its row is drawn is the same for all rows, and cancels.
/// Logits are computed once; on the CPU a block of at most 16 MB or 128 positions is in memory. Second derivatives are
/// not defined.
at::Tensor softmax_loss(const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets,
                        const at::Tensor& others, const at::Tensor& weights = {});

/// gBCE of gSASRec (Petrov & Macdonald, RecSys 2023, arXiv 2308.07192, equations 8-10): binary cross-entropy against K
/// negatives a position, divided by K + 1, the target's term weighted by `beta`. negatives [P, K] int32 rows of
/// `items`. Second derivatives are not defined.
at::Tensor gbce_loss(const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets,
                     const at::Tensor& negatives, double beta, const at::Tensor& weights = {});
/// The weight alpha (t (1 - 1/alpha) + 1/alpha), where alpha = negatives / (items - 1) is the sampling rate: 1 for
/// t = 0, alpha for t = 1, which calibrates the predicted probabilities. items > 1.
double gbce_beta(int64_t negatives, int64_t items, double t);

}  // namespace latentcrs
