// A step of pretraining whose batch is cut into shards (setting data_shards): the same bits on any number of processes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "numerics/parallel/shards.h"
#include "recommender/train/adam.h"
#include "recommender/train/gradient_sum.h"
#include "recommender/train/pretrain_objective.h"

namespace latentcrs {

class ShardedPretrainStep {
 public:
  using Parameters = std::vector<std::pair<std::string, at::Tensor>>;
  /// All that is given must outlive the step. The seed is the run's.
  ShardedPretrainStep(PretrainObjective& objective, SequenceBatcher& sequences, Adam& adam,
                      const Parameters& parameters, const Shards& shards, uint64_t seed);

  /// From now on steps contrast with these intents.
  void set_intents(const std::vector<IntentClusters>& intents) { intents_ = intents; }
  /// Adds the loss terms of a batch of at least as many users as shards to `means`; `step` counts from 0 in its epoch,
  /// `where` names it in messages.
  void operator()(std::span<const int64_t> users, int epoch, int64_t step, LossMeans& means, const std::string& where);

 private:
  struct Batch {
    std::span<const int64_t> users;
    int epoch;
    int64_t step;
  };

  PretrainPass pass_of(const Batch& batch, int64_t shard);
  void contrast(const Batch& batch, std::vector<PretrainPass>& passes) const;
  /// The gradients and loss terms of a shard.
  void learn(const PretrainPass& pass);
  int64_t positions(std::span<const int64_t> users) const;

  PretrainObjective& objective_;
  SequenceBatcher& sequences_;
  Adam& adam_;
  Shards shards_;
  uint64_t seed_;
  GradientSum sum_;
  std::vector<IntentClusters> intents_;
  std::vector<std::string> names_;  // of the terms
};

}  // namespace latentcrs
