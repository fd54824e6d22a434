// Pretraining: SASRec with ICLRec's contrasts, and the intents found among its users (docs/method.md, section 4).
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "latentcrs/config/config.h"
#include "latentcrs/data/sequence_batch.h"
#include "latentcrs/eval/metrics.h"
#include "latentcrs/model/sasrec.h"
#include "latentcrs/train/checkpoint_encoder.h"
#include "latentcrs/util/metrics_log.h"

namespace latentcrs {

struct PretrainJob {
  const Interactions* interactions = nullptr;
  PretrainOptions options;
  CompatOptions compat;
  uint64_t seed = 0;
  c10::Device device = c10::kCPU;
  bool cuda_graphs = true;  ///< record training steps, on CUDA
  std::filesystem::path folder;
  std::string name;                                     ///< file stem, e.g. "ICLRec-ml-1m"
  std::function<void(int)> on_epoch = nullptr;          ///< called with the epoch (from 1) once it is safe on disk
  std::function<void(int, int64_t)> on_step = nullptr;  ///< called with epoch and step (from 1) before each step
  EventFiles events = EventFiles::none;                 ///< TensorBoard's, beside metrics.jsonl
  /// Of the settings of options.encoder. Those without one take the sizes of options.checkpoint; by default all hold.
  SettingOrigin origin = [](const std::string&) { return std::string("the settings"); };
};

/// Rank of every user's next item in the full catalogue.
struct EncoderRanks {
  std::vector<Rank> left_out;  ///< as evaluate_encoder() ranks it
  std::vector<Rank> kept;      ///< the items of the input among the candidates; rows that are no item are none
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

/// What intents are clusters of (docs/method.md, section 4.4), dropout off, without gradient: the mean state of each
/// train user's input, [N, D], or with seq_representation_type=concatenate all its states, [N, L * D].
at::Tensor user_representations(SasRec encoder, const SequenceBatcher& sequences, const PretrainOptions& options);

/// Rank of every user's valid or test item in the full catalogue. By default rows that are no item of the dataset, and
/// the items of the input, are no candidates; compat.seen_items_score_zero ranks them as published.
std::vector<Rank> evaluate_encoder(SasRec encoder, const SequenceBatcher& sequences, Split split,
                                   const CompatOptions& compat);
/// The same with both treatments of the items of the input.
EncoderRanks rank_next_items(SasRec encoder, const SequenceBatcher& sequences, Split split,
                             const CompatOptions& compat);

}  // namespace latentcrs
