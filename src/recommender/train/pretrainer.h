// Pretraining: SASRec with ICLRec's contrasts, and the intents found among its users (docs/method.md, section 4).
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/config/compat_options.h"
#include "base/config/pretrain_options.h"
#include "base/util/metrics_log.h"
#include "datasets/data/sequence_batch.h"
#include "recommender/eval/encoder_evaluation.h"
#include "recommender/model/sasrec.h"
#include "recommender/train/checkpoint_encoder.h"
#include "recommender/train/step_graphs.h"

namespace latentcrs {

struct PretrainJob {
  const Interactions* interactions = nullptr;
  PretrainOptions options;
  CompatOptions compat;
  uint64_t seed = 0;
  c10::Device device = c10::kCPU;
  StepLaunch launch = StepLaunch::recorded;
  std::filesystem::path folder;
  std::string name;                                     ///< file stem, e.g. "ICLRec-ml-1m"
  std::function<void(int)> on_epoch = nullptr;          ///< called with the epoch (from 1) once it is safe on disk
  std::function<void(int, int64_t)> on_step = nullptr;  ///< called with epoch and step (from 1) before each step
  int data_shards = 1;                                  ///< Config::data_shards
  EventFiles events = EventFiles::none;                 ///< TensorBoard's, beside metrics.jsonl
  /// Origins of the settings of options.encoder. Settings without an origin take the sizes of options.checkpoint; by
  /// default all have one.
  SettingOrigin origin = [](const std::string&) { return std::string("the settings"); };
};

struct PretrainResult {
  EncoderRanks valid, test;  ///< under the best weights
  int best_epoch = 0;        ///< from 1; 0 if a checkpoint was given
  int epochs_run = 0;
};

/// Trains, or takes options.checkpoint, and writes into `folder`: <name>.pt and <name>_config.json (best weights),
/// <name>_clusters/{centers.npy,intents.faissindex} (of the first K; of the others in <name>_clusters/kmeans_<i>/),
/// metrics.jsonl, and after each epoch state.pt, which the caller removes once the results are safe. If state.pt
/// belongs to the same options, seed and data, training goes on from there and ends with the same bits as without
/// interruption. Throws Error(numeric) naming term, epoch and step when a loss is not finite, Error(config) for options
/// that do not fit the data or the checkpoint (encoder_of_checkpoint), Error(data) for a checkpoint of other items.
PretrainResult pretrain(const PretrainJob& job);

/// The representations whose clusters are the intents (docs/method.md, section 4.4), dropout off, without gradient: the
/// mean state of each train user's input, [N, D], or with seq_representation_type=concatenate all its states, [N, L *
/// D].
at::Tensor user_representations(SasRec encoder, const SequenceBatcher& sequences, const PretrainOptions& options);

}  // namespace latentcrs
