// The losses that teach the encoder the next item (pretrain.loss): an object for each, and the functions behind them.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/config/pretrain_options.h"
#include "datasets/data/batch_negatives.h"

namespace latentcrs {

/// P positions and the items that their next items are compared with, on one device.
struct NextItemBatch {
  at::Tensor states;     ///< [P, D]
  at::Tensor items;      ///< [V, D], the whole item table
  at::Tensor targets;    ///< [P], the next item of each position, a row of `items`
  at::Tensor catalogue;  ///< the rows of `items` that are items of the dataset, ascending int64
  at::Tensor negatives;  ///< as the loss's plan says: [N] ascending int64, or [P, N] int32, or undefined
  at::Tensor weights;    ///< [P], weights of the positions in the sum; undefined: the mean
  at::Tensor offsets;    ///< [V], added to the logits of softmax; undefined: nothing
};

/// A next-item loss. A new one is defined in a source of its own and added to kNextItemLosses and kNextItemLossNames.
struct NextItemLoss {
  std::string_view name;  ///< value of pretrain.loss
  /// The negatives that value() reads. `setting` is filled in by negatives_of().
  NegativePlan (*negatives)(const PretrainOptions& options);
  /// Differentiable scalar.
  at::Tensor (*value)(const NextItemBatch& batch, const PretrainOptions& options);
};

extern const NextItemLoss kBceLoss, kSoftmaxLoss, kSampledSoftmaxLoss, kGbceLoss;
/// All of them, in the order of kNextItemLossNames (base/config/next_item_loss_names.h).
inline constexpr std::array kNextItemLosses = {&kBceLoss, &kSoftmaxLoss, &kSampledSoftmaxLoss, &kGbceLoss};

/// Throws Error(internal) for an unknown name.
const NextItemLoss& next_item_loss(const std::string& name);
/// The negatives that options.loss needs.
NegativePlan negatives_of(const PretrainOptions& options);

// The functions are pure. states [P, D] of the positions, items [V, D] the whole item table, targets [P] the next item
// of each position, a row of `items`. A loss is the mean over the positions, or their sum with `weights` [P]; 0 for
// P = 0. Values and gradients have the same bits for any number of threads. Gradients are computed with the values
// where a gradient is recorded.

/// states [B, L, D] at rows [P] of the B * L positions: [P, D], with a deterministic gradient.
at::Tensor states_at(const at::Tensor& states, const at::Tensor& rows);
/// `weights` [P], or if they are undefined the weights of the mean over states [P, D].
at::Tensor position_weights(const at::Tensor& states, const at::Tensor& weights);

/// Binary cross-entropy against one negative [P] a position, as published: 1e-24 inside the logarithms.
at::Tensor bce_loss(const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets,
                    const at::Tensor& negatives, const at::Tensor& weights = {});

/// Cross-entropy of the target among itself and the rows `others` [C] of `items`, ascending int64; one that is the
/// target is not counted again. With the rows of all items this is the softmax over the catalogue: rows that are left
/// out (padding, mask, ids without item) are not candidates. With rows drawn uniformly it is the sampled softmax, in
/// which `target_offset`, added to the target's logit, corrects for the sampling (sampling_offset). Only gradients that
/// are recorded are computed. In float32 on the CPU no logits are in memory (fused_softmax.h), else those of a block of
/// positions. Second derivatives are not defined.
at::Tensor softmax_loss(const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets,
                        const at::Tensor& others, const at::Tensor& weights = {}, double target_offset = 0);
/// log(drawn / items), for rows that were drawn uniformly from all items. With it the sum over them, in which the
/// target itself does not count, is weighted by items / drawn, and is right on average for the sum over all other
/// items.
double sampling_offset(int64_t drawn, int64_t items);

/// `vectors` [P, D] with the column `weights` [P, 1] (ones if undefined) and `items` [V, D] with the column `offsets`
/// [V]: their products are those of vectors and items plus the vector's weight times the item's offset.
std::pair<at::Tensor, at::Tensor> with_offsets(const at::Tensor& vectors, const at::Tensor& items,
                                               const at::Tensor& offsets, const at::Tensor& weights = {});

/// gBCE of gSASRec (Petrov & Macdonald, RecSys 2023, arXiv 2308.07192, equations 8-10): binary cross-entropy against K
/// negatives a position, divided by K + 1, the target's term weighted by `beta`. negatives [P, K] int32 rows of
/// `items`. Second derivatives are not defined.
at::Tensor gbce_loss(const at::Tensor& states, const at::Tensor& items, const at::Tensor& targets,
                     const at::Tensor& negatives, double beta, const at::Tensor& weights = {});
/// The weight alpha (t (1 - 1/alpha) + 1/alpha), where alpha = negatives / (items - 1) is the sampling rate: 1 for
/// t = 0, alpha for t = 1, which calibrates the predicted probabilities. items > 1.
double gbce_beta(int64_t negatives, int64_t items, double t);

}  // namespace latentcrs
