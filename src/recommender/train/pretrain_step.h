// A step of pretraining: the loss of a batch, its gradients, and Adam's step; on CUDA as a graph where that is wanted.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "recommender/train/adam.h"
#include "recommender/train/pretrain_objective.h"
#include "recommender/train/step_graphs.h"

namespace latentcrs {

class PretrainStep {
 public:
  /// Objective and optimizer must outlive the step and stay where they are.
  PretrainStep(PretrainObjective& objective, Adam& adam, at::Device device, StepLaunch launch);

  /// From now on steps contrast with these intents.
  void set_intents(const std::vector<IntentClusters>& intents);
  /// Adds the batch's loss terms to `means`; `seed` is that of its dropout masks, `where` names the step in messages.
  void operator()(const TrainingBatch& batch, uint64_t seed, LossMeans& means, const std::string& where);

 private:
  PretrainObjective& objective_;
  Adam& adam_;
  at::Device device_;
  StepGraphs graphs_;
  std::vector<IntentClusters> intents_;
  std::map<std::string, std::vector<std::string>> names_;  // of the terms, by the graphs' keys
};

}  // namespace latentcrs
