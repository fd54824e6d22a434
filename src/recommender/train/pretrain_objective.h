// The loss of a pretraining batch (docs/method.md, section 4.3), in one encoder pass.
#pragma once

#include <vector>

#include "base/config/pretrain_options.h"
#include "datasets/data/sequence_batch.h"
#include "numerics/linalg/dropout.h"
#include "recommender/model/batch_tensors.h"
#include "recommender/model/intent_clusters.h"
#include "recommender/model/sasrec.h"
#include "recommender/train/icl_losses.h"
#include "recommender/train/loss_means.h"
#include "recommender/train/next_item_losses.h"

namespace latentcrs {

/// One vector per sequence: states [B, L, D] -> [B, D] (mean over all L) or [B, L * D].
at::Tensor represent(const at::Tensor& states, Representation representation);

/// A contrast of a batch, or of a shard of it, not computed yet. B users, W numbers a user.
struct Contrast {
  bool of_intents = false;   ///< else of instances
  at::Tensor z1, z2;         ///< [B, W]; the intents' z2 has no gradient
  at::Tensor labels;         ///< [B] as nce() takes them, or undefined
  double weight = 0;         ///< in the total
  at::Tensor loss = {};      ///< scalar, and
  at::Tensor gradient = {};  ///< [2, B, W] by z1 and z2, once they are known (nce_rows.h)
};

/// A shard of a batch after its encoder pass.
struct PretrainPass {
  at::Tensor next_item;  ///< scalar
  std::vector<Contrast> contrasts;
};

class PretrainObjective {
 public:
  /// `sequences` must outlive the objective.
  PretrainObjective(SasRec encoder, const SequenceBatcher& sequences, const PretrainOptions& options);

  bool needs_intents(int epoch) const;
  /// Views of each sequence: two for each of the v(v-1)/2 pairs, drawn anew for each pair as published.
  int views(int epoch) const;

  /// The terms, then their weighted sum "total". Without intents there is no intent contrast.
  LossTerms operator()(const BatchTensors& batch, const std::vector<IntentClusters>& intents, Dropout& dropout);

  /// The parts of the same loss, for batches cut into shards: the pass, then the terms once the contrasts have losses
  /// and gradients.
  PretrainPass pass(const BatchTensors& batch, const std::vector<IntentClusters>& intents, Dropout& dropout);
  /// A scalar whose gradient is that of the total.
  at::Tensor descent(const PretrainPass& pass) const;
  /// The values of the terms.
  LossTerms terms(const PretrainPass& pass) const;

  const PretrainOptions& options() const { return options_; }
  at::Device device() const { return catalogue_.device(); }

  /// The representations that intents are clusters of: all train inputs, dropout off, without gradient.
  at::Tensor train_representations();

 private:
  /// A batch after its encoder pass.
  struct Encoded {
    std::vector<at::Tensor> pairs;  ///< states [2B, L, D] of two views of each train input, one after the other
    at::Tensor next_item;
    std::vector<UserIntents> intents;
  };
  Encoded encode(const BatchTensors& batch, const std::vector<IntentClusters>& intents, Dropout& dropout);
  /// Each term, then their weighted sum. Undefined ones are left out.
  LossTerms with_total(const at::Tensor& next_item, const at::Tensor& instance, const at::Tensor& intent) const;
  bool contrasts_instances() const;
  int views_of_pairs() const { return options_.n_views * (options_.n_views - 1); }
  std::vector<UserIntents> intents_of(const at::Tensor& anchors, const std::vector<IntentClusters>& intents) const;

  SasRec encoder_;
  const SequenceBatcher& sequences_;
  PretrainOptions options_;
  const NextItemLoss& loss_;
  at::Tensor catalogue_;  // rows of the item table that are items, ascending
  at::Tensor offsets_;    // [V], added to the items' logits; undefined without pretrain.popularity_discount
};

}  // namespace latentcrs
