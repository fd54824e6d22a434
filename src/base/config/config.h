// Every setting of a run as plain structs, one header for each group. The headers give the defaults and, beside each
// field, its meaning, unit and range. Keys mirror the published Hydra set-up (config/em_train.yaml and the options of
// pre_rec_model/main.py), so that its command lines work here. schema.h maps keys to fields, and load_config.h reads
// the values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/config/cluster_options.h"
#include "base/config/compat_options.h"
#include "base/config/dataset_options.h"
#include "base/config/em_options.h"
#include "base/config/evaluate_options.h"
#include "base/config/pretrain_options.h"
#include "base/config/remote_options.h"
#include "base/config/text_options.h"

namespace latentcrs {

/// How the processor computes (docs/reliability.md). portable: with the instructions of AVX2 and FMA, which give the
/// same bits on every x86-64 processor that has them and for any number of threads. native: with the libraries' code
/// for this processor.
enum class Arithmetic { portable, native };

struct Config {
  std::string exp_name = "default";
  std::string output_dir = "outputs/${exp_name}";  ///< the run folder
  int64_t random_seed = 42;
  int threads = 0;  ///< 0: OMP_NUM_THREADS where it is set, else every processor that this process may use
  /// Parts, 1 or a power of two, into which the batches of pretraining and EM are cut. Several processes share them;
  /// results depend on their number and not on that of processes. 1: a single process learns from whole batches.
  int data_shards = 1;
  std::string device = "auto";  ///< auto, cpu, cuda, cuda:N
  Arithmetic arithmetic = Arithmetic::portable;
  bool cuda_graphs = true;  ///< on CUDA, record training steps once and launch them as a whole; same results
  bool tensorboard = true;  ///< write TensorBoard event files beside every metrics.jsonl

  ClusterOptions cluster;
  ServiceOptions services;
  DatasetOptions datasets;
  PretrainOptions pretrain;
  SimulateOptions simulate;
  EmbedOptions embed;

  EmOptions em;  ///< its keys have no prefix
  CompatOptions compat;
  EvaluateOptions evaluate;
};

}  // namespace latentcrs
