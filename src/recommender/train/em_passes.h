// A pass of E-steps or M-steps over the training examples.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "numerics/parallel/shards.h"
#include "recommender/train/adam.h"
#include "recommender/train/em_data.h"
#include "recommender/train/em_steps.h"
#include "recommender/train/gradient_sum.h"
#include "recommender/train/loss_means.h"
#include "recommender/train/split_projection.h"
#include "recommender/train/step_graphs.h"

namespace latentcrs {

struct PassContext {
  std::string name;   ///< for messages: "joint epoch 3, E-step"
  uint64_t seed = 0;  ///< of its order and its dropout masks
  std::function<void()> after_step;
};

class EmPasses {
 public:
  /// With several shards (Config::data_shards) the examples of a step are cut into them.
  EmPasses(EmNetworks networks, const EmSplit& train, EmBatches& batches, const EmModel& model, StepLaunch launch,
           const Shards& shards);

  /// What an optimizer of both passes moves, and its state between this process and files (SplitProjection).
  std::vector<std::pair<std::string, at::Tensor>> own_parameters() const;
  StateDict whole(StateDict adam) const { return projection_ ? projection_->whole(std::move(adam)) : adam; }
  StateDict own_part(StateDict adam) const { return projection_ ? projection_->own_part(std::move(adam)) : adam; }
  /// The states of users about whom nothing is known, where histories are drawn.
  void set_unknown(const UnknownStates& unknown) { unknown_ = unknown; }
  /// Added to the logits of all items, [V] (popularity_discount).
  void set_offsets(const at::Tensor& offsets) { offsets_ = offsets; }
  /// Means of the terms over the examples, by name. Throw Error(numeric) naming the first term that is not finite,
  /// Error(config) if no term counts.
  nlohmann::json e_pass(Adam& adam, const EStepWeights& weights, const PassContext& context);
  nlohmann::json m_pass(Adam& adam, const MStepWeights& weights, const PassContext& context);

 private:
  /// `settings` tells apart steps with different host-side scalars in them.
  template <class Step>
  nlohmann::json run(Learner learner, const std::string& settings, Adam& adam, const PassContext& context, Step step);
  /// One step; the values of its terms, whose names go to names_[key].
  template <class Step>
  at::Tensor learn(const std::string& key, Adam& adam, const PassContext& context, int64_t number, const Step& step);
  template <class Step>
  at::Tensor learn_from_shards(const std::string& key, Adam& adam, const PassContext& context, int64_t number,
                               const Step& step);
  EmBatch e_batch(const at::Tensor& rows, const EStepWeights& weights, Dropout& dropout) const;
  EmBatch m_batch(const at::Tensor& rows, Dropout& dropout) const;
  /// States of rows under the encoder of the network that learns, or of the one that does not; a `table` of all
  /// examples' h_u saves the encoder where it is defined and no dropout is wanted.
  at::Tensor learner_all_states(SasRec encoder, const at::Tensor& rows, Dropout& dropout) const;
  at::Tensor learner_states(SasRec encoder, const at::Tensor& table, const at::Tensor& rows, Dropout& dropout) const;
  at::Tensor fixed_states(SasRec encoder, const at::Tensor& table, const at::Tensor& rows) const;
  at::Tensor text(const at::Tensor& rows) const;

  EmNetworks networks_;
  const EmSplit& train_;
  EmBatches& batches_;
  LearningRules rules_;
  bool encoder_dropout_;  // whether a learning network's encoder runs with dropout
  StepGraphs graphs_;
  Shards shards_;
  std::optional<GradientSum> sum_;                         // of the pass that runs, with several shards
  std::optional<SplitProjection> projection_;              // where the processes share the text projection
  SplitProjection* learning_projection_ = nullptr;         // it, in a pass that learns it
  std::shared_ptr<const void> optimizer_;                  // that of the recorded steps
  std::map<std::string, std::vector<std::string>> names_;  // of the terms, by the graphs' keys
  at::Tensor catalogue_;                                   // all items, with full_catalogue_loss
  at::Tensor offsets_;
  UnknownStates unknown_;
};

}  // namespace latentcrs
