// Variational EM (docs/method.md, section 8): stages of epochs, each a pass of E-steps and a pass of M-steps.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/config/evaluate_options.h"
#include "base/util/metrics_log.h"
#include "recommender/eval/score_mixture.h"
#include "recommender/train/em_examples.h"
#include "recommender/train/em_networks.h"
#include "recommender/train/em_passes.h"

namespace latentcrs {

/// What score_mixture is learned from, besides the validation examples.
struct MixtureSources {
  const CoOccurrence* pairs = nullptr;
  at::Tensor item_genres;      ///< [V + 1, G], G being the last coordinates of x that name genres
  std::filesystem::path file;  ///< gets the weights
};

struct EmJob {
  EmModel model;
  const EmExamples* train = nullptr;
  const EmExamples* valid = nullptr;
  const Interactions* interactions = nullptr;  ///< users' whole sequences, whose items are never negatives
  std::filesystem::path folder;                ///< the run's files; may hold those of an interrupted run
  /// Trained networks to start from; empty: start from those that make_em_networks makes.
  std::filesystem::path posterior_file = {}, prior_file = {};
  std::string exp_name = "default";        ///< the first part of the networks' file names
  SeenItems seen_items = SeenItems::keep;  ///< whether validation ranks the items of the history too
  StepLaunch launch = StepLaunch::recorded;
  int data_shards = 1;  ///< Config::data_shards
  EventFiles events = EventFiles::beside;
  std::optional<MixtureSources> mixture = {};  ///< with score_mixture
  double save_seconds = 30;                    ///< least time between two saved states; 0: after every epoch
  /// Called after every epoch with the stage's name and the epochs finished in it.
  std::function<void(const std::string& stage, int64_t epoch)> on_epoch = {};
};

struct EmStageResult {
  std::string name;
  int64_t epochs = 0;      ///< run before stopping; 0: the stage was skipped
  int64_t best_epoch = 0;  ///< counted from 1; 0: the stage was skipped
  double best_score = 0;   ///< of early_stop.stop_metrics on the validation users; skipped: before it, if known
};

struct EmResult {
  std::vector<EmStageResult> stages;
  EmNetworks networks;  ///< of the last stage's best epoch (load_best_model) or of its last one
};

/// Runs the stages of EmOptions; each begins with the best networks of those before it. Writes into the folder
///   <exp_name>_<stage>_inference.pt, …_prior.pt   best networks of a stage
///   <exp_name>_inference.pt, <exp_name>_prior.pt  the final networks
///   metrics.jsonl                                 a line per epoch (epoch 0: before training, with validation_first)
///   state.pt                                      all that is needed to go on after an interruption; the caller
///                                                 removes it once the results are safe
/// An interrupted run that is started again gives the bits of one that was not. Throws Error(numeric) naming stage,
/// epoch, step and term when a loss is not finite, Error(config) for stages that cannot be trained.
EmResult train_em(const EmJob& job);

}  // namespace latentcrs
