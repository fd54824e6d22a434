// Every setting of a run as plain structs, one header a group. Defaults stand there and nowhere else; above or beside
// each field: meaning, unit, range. Key names mirror the published Hydra set-up (config/em_train.yaml and the options
// of pre_rec_model/main.py), so that `learning_rate=0.001 datasets=cds datasets.meta_task_keys=[raw]` means what its
// users expect. The mapping key <-> field, ranges and spellings is in src/config/schema.cpp; values are read by
// load_config.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/dataset_options.h"
#include "config/em_options.h"
#include "config/evaluate_options.h"
#include "config/pretrain_options.h"
#include "config/remote_options.h"
#include "config/text_options.h"

namespace latentcrs {

/// Which published behaviours to reproduce (group `compat`; docs/method.md, section 10). All false: the right thing.
struct CompatOptions {
  bool constant_learning_rate = false;  ///< the schedule changes nothing
  bool batch_width_positions = false;   ///< EM pads to the batch's longest history; positions counted from its left
  bool seen_items_score_zero = false;   ///< pretraining evaluation: seen items score 0, non-items are candidates
  bool gate_over_batch = false;         ///< the gated prior normalises over the batch
  bool rank_non_items = false;          ///< one-turn ranking keeps row 0 and other non-items among the candidates
  bool reviews_by_asin = false;         ///< Amazon reviews are keyed by asin instead of parent_asin
  bool ten_kcore_passes = false;        ///< the k-core stops after 10 passes
  bool denoise_label_from_validation = false;  ///< contrast de-noising labels a sequence with its validation item
  bool refused_items_return = false;           ///< in a dialogue the feature sort may bring back refused items
  bool drop_missing_replies = false;           ///< users without an utterance leave the denominator
  bool fixed_negatives = false;                ///< EM negatives are drawn once instead of once an epoch
};

/// How the processor computes (docs/reliability.md). portable: with the instructions of AVX2 and FMA, which give the
/// same bits on every x86-64 processor that has them and for any number of threads. native: with the libraries' code
/// for this processor.
enum class Arithmetic { portable, native };

struct Config {
  std::string exp_name = "default";
  std::string output_dir = "outputs/${exp_name}";  ///< the run folder
  int64_t random_seed = 42;
  int threads = 0;              ///< 0: OMP_NUM_THREADS where it is set, else every processor that this process may use
  std::string device = "auto";  ///< auto, cpu, cuda, cuda:N
  Arithmetic arithmetic = Arithmetic::portable;
  bool cuda_graphs = true;  ///< on CUDA, record training steps once and launch them as a whole; same results
  bool tensorboard = true;  ///< write TensorBoard event files beside every metrics.jsonl

  ServiceOptions services;
  DatasetOptions datasets;
  PretrainOptions pretrain;
  SimulateOptions simulate;
  EmbedOptions embed;

  // EM training, at the root as published.
  PriorOptions prior;
  PosteriorOptions posterior;
  bool same_y_m = false;         ///< W_i starts as a copy of W_v and stays frozen
  bool train_preintent = false;  ///< train the encoders too
  /// Dropout stays active in the frozen encoders during training steps, as published: the states of users vary. false:
  /// a state is computed once, and epochs take less time.
  bool frozen_encoder_dropout = true;
  int batch_size = 480;
  int eval_batch_size = 1024;
  int neg_sample_size = 10;
  int epochs = 500;  ///< most epochs of one EM stage
  double learning_rate = 1e-3;
  bool use_negative_loss = true;      ///< published spelling use_negetive_loss is accepted
  double e_negative_loss_weight = 5;  ///< λ_e
  double m_negative_loss_weight = 0;  ///< λ_m
  double m_rec_loss_weight = 5;       ///< λ_r
  /// The recommendation terms compare the target, true: with all items; false: with neg_sample_size negatives, as
  /// published.
  bool full_catalogue_loss = true;
  double neg_loss_temp = 1;       ///< T
  double lambda_reconstruct = 0;  ///< λ_rec
  bool load_best_model = true;
  bool validation_first = true;
  std::vector<StageOptions> stages = {
      {.name = "posterior", .no_mstep = true, .only_rec_epoch = 500, .stopbywhich = "EStep"},
      {.name = "prior", .no_estep = true, .stopbywhich = "MStep"},
      {.name = "joint", .stopbywhich = "MStep"}};
  EmEarlyStopOptions early_stop;
  OptimOptions optim;
  SchedulerOptions scheduler;

  CompatOptions compat;
  EvaluateOptions evaluate;
};

}  // namespace latentcrs
