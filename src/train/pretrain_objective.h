// The loss of a pretraining batch (docs/method.md, section 4.3), in one encoder pass.
#pragma once

#include <vector>

#include "config/pretrain_options.h"
#include "data/sequence_batch.h"
#include "linalg/dropout.h"
#include "model/batch_tensors.h"
#include "model/intent_clusters.h"
#include "model/sasrec.h"
#include "train/icl_losses.h"
#include "train/loss_means.h"
#include "train/next_item_losses.h"

namespace latentcrs {

/// One vector per sequence: states [B, L, D] -> [B, D] (mean over all L) or [B, L * D].
at::Tensor represent(const at::Tensor& states, Representation representation);

class PretrainObjective {
 public:
  /// `sequences` must outlive the objective.
  PretrainObjective(SasRec encoder, const SequenceBatcher& sequences, const PretrainOptions& options);

  bool needs_intents(int epoch) const;
  /// Views of each sequence: two for each of the v(v-1)/2 pairs, drawn anew for each pair as published.
  int views(int epoch) const;

  /// The terms, then their weighted sum "total". Without intents there is no intent contrast.
  LossTerms operator()(const BatchTensors& batch, const std::vector<IntentClusters>& intents, Dropout& dropout);

  /// The representations that intents are clusters of: all train inputs, dropout off, without gradient.
  at::Tensor train_representations();

 private:
  bool contrasts_instances() const;
  int views_of_pairs() const { return options_.n_views * (options_.n_views - 1); }
  std::vector<UserIntents> intents_of(const at::Tensor& anchors, const std::vector<IntentClusters>& intents) const;

  SasRec encoder_;
  const SequenceBatcher& sequences_;
  PretrainOptions options_;
  const NextItemLoss& loss_;
  at::Tensor catalogue_;  // rows of the item table that are items, ascending
};

}  // namespace latentcrs
