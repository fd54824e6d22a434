#include "train/pretrainer.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "model/adam.h"
#include "model/centers_file.h"
#include "model/weights_check.h"
#include "tensor/weights_file.h"
#include "train/early_stop.h"
#include "train/next_item_losses.h"
#include "train/pretrain_objective.h"
#include "train/pretrain_state.h"
#include "train/pretrain_step.h"
#include "util/error.h"
#include "util/interrupt.h"
#include "util/log.h"
#include "util/metrics_log.h"
#include "util/progress.h"
#include "util/random.h"

namespace latentcrs {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

using NamedValues = std::vector<std::pair<std::string, double>>;

NamedValues metrics_of(const std::vector<Rank>& ranks) {
  NamedValues metrics;
  for (int k : kPretrainCutoffs)
    for (const char* kind : {"HIT@", "NDCG@"}) {
      const std::string name = kind + std::to_string(k);
      metrics.emplace_back(name, metric(ranks, name));
    }
  return metrics;
}

json to_json(const NamedValues& values) {
  json object;
  for (const auto& [name, value] : values) object[name] = value;
  return object;
}

std::string on_one_line(const NamedValues& values) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : values) parts.push_back(fmt::format("{} {:.4f}", name, value));
  return fmt::format("{}", fmt::join(parts, ", "));
}

const char* history_treatment(const CompatOptions& compat) {
  return compat.seen_items_score_zero ? "the history scored 0 as published" : "the history left out";
}

std::vector<IntentClusters> find_intents(PretrainObjective& objective, const PretrainJob& job) {
  const at::Tensor points = objective.train_representations();
  std::vector<IntentClusters> intents;
  for (int k : job.options.num_intent_clusters) {
    throw_if_interrupted();
    intents.push_back(cluster_intents(points, {.k = k,
                                               .niter = job.options.kmeans_niter,
                                               .nredo = job.options.kmeans_nredo,
                                               .seed = static_cast<int>(job.seed & 0x7fffffff),
                                               .max_points_per_centroid = job.options.kmeans_max_points_per_centroid}));
  }
  return intents;
}

SasRec make_encoder(const PretrainJob& job, int64_t item_size) {
  SasRec encoder(item_size, job.options.encoder, derive_seed(job.seed, "pretrain.weights"));
  encoder->to(job.device);
  encoder->set_compute({.fused = job.options.fused_encoder,
                        .fused_attention = job.options.fused_attention,
                        .precision = job.options.precision});
  return encoder;
}

std::vector<std::pair<std::string, at::Tensor>> named_parameters(const SasRec& encoder) {
  std::vector<std::pair<std::string, at::Tensor>> parameters;
  for (const auto& parameter : encoder->named_parameters()) parameters.emplace_back(parameter.key(), parameter.value());
  return parameters;
}

/// What every job ends with: evaluates the encoder as it is, finds its intents, writes all outputs.
class Finish {
 public:
  Finish(const PretrainJob& job, SasRec encoder, const SequenceBatcher& sequences)
      : job_(job), encoder_(std::move(encoder)), sequences_(sequences) {}

  PretrainResult run(const EarlyStop& stop, int epochs_run, MetricsLog& metrics) {
    PretrainResult result{.valid = rank_next_items(encoder_, sequences_, Split::valid, job_.compat),
                          .test = rank_next_items(encoder_, sequences_, Split::test, job_.compat),
                          .best_epoch = stop.best_epoch,
                          .epochs_run = epochs_run};
    write_intents();
    write_state_dict(parameter_views(*encoder_), job_.folder / (job_.name + ".pt"));
    write_encoder_config({.item_size = encoder_->item_size(), .options = job_.options.encoder},
                         job_.folder / (job_.name + "_config.json"));
    const NamedValues valid = metrics_of(result.valid.left_out), test = metrics_of(result.test.left_out);
    metrics.append({{"best_epoch", result.best_epoch},
                    {"epochs_run", epochs_run},
                    {"valid", to_json(valid)},
                    {"test", to_json(test)}});
    log::info("pretrain: test, {}: {}", history_treatment(job_.compat), on_one_line(test));
    return result;
  }

 private:
  void write_intents() {
    const fs::path folder = job_.folder / (job_.name + "_clusters");
    if (!job_.options.centers.empty()) {
      write_npy(given_centers(), folder / "centers.npy");
      return;
    }
    PretrainObjective objective(encoder_, sequences_, job_.options);
    const std::vector<IntentClusters> intents = find_intents(objective, job_);
    for (size_t i = 0; i < intents.size(); ++i)
      write_clusters(intents[i], i == 0 ? folder : folder / fmt::format("kmeans_{}", i));
  }

  at::Tensor given_centers() const {
    const std::string& path = job_.options.centers;
    const at::Tensor centers = read_centers(path);
    const int k = job_.options.num_intent_clusters.front(), width = job_.options.encoder.hidden_size;
    if (centers.sizes() != at::IntArrayRef({k, width}))
      throw config_error(
          fmt::format("{} holds [{}] numbers, expected [{}, {}]: num_intent_clusters and hidden_size must "
                      "be those of the file",
                      path, fmt::join(centers.sizes(), ", "), k, width));
    return centers;
  }

  const PretrainJob& job_;
  SasRec encoder_;
  const SequenceBatcher& sequences_;
};

class Pretrainer {
 public:
  explicit Pretrainer(const PretrainJob& job)
      : job_(job),
        sequences_(*job.interactions, job.options, job.compat, job.seed, negatives_of(job.options)),
        encoder_(make_encoder(job, sequences_.item_size())),
        objective_(encoder_, sequences_, job.options),
        adam_(named_parameters(encoder_), job.options.lr,
              {.adam_beta1 = job.options.adam_beta1,
               .adam_beta2 = job.options.adam_beta2,
               .adam_weight_decay = job.options.weight_decay}),
        step_(objective_, adam_, job.device, job.cuda_graphs),
        stop_(job.options.early_stop),
        fingerprint_(fingerprint(job)),
        metrics_(job.folder / "metrics.jsonl", resume(), job.events) {}

  bool finished() const { return epoch_ >= job_.options.epochs || stop_.should_stop(); }

  void run_epoch() {
    const auto begin = std::chrono::steady_clock::now();
    ++epoch_;
    if (objective_.needs_intents(epoch_)) step_.set_intents(find_intents(objective_, job_));
    const NamedValues losses = train();
    NamedValues valid;
    if (epoch_ % job_.options.eval_every == 0 || epoch_ == job_.options.epochs) valid = validate();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    report(losses, valid, seconds);
    save();
    if (job_.on_epoch) job_.on_epoch(epoch_);
  }

  PretrainResult finish() {
    if (!best_.empty()) load_parameters(*encoder_, best_, "the best weights");
    return Finish(job_, encoder_, sequences_).run(stop_, epoch_, metrics_);
  }

 private:
  fs::path state_path() const { return job_.folder / "state.pt"; }

  /// Takes up an earlier run of this job, if there is one. Returns how much of its metrics file counts.
  int64_t resume() {
    const std::optional<PretrainState> state = read_state(state_path());
    if (!state) return 0;
    if (state->fingerprint != fingerprint_) {
      log::warn("pretrain: {} belongs to other settings or data; training starts again", state_path().string());
      return 0;
    }
    load_parameters(*encoder_, state->model, state_path().string());
    adam_.load_state(state->adam);
    best_ = state->best;
    stop_.from_json(json::parse(state->early_stop));
    epoch_ = static_cast<int>(state->epoch);
    log::info("pretrain: goes on after epoch {}", epoch_);
    return state->metrics_position;
  }

  void save() const {
    write_state({.fingerprint = fingerprint_,
                 .epoch = epoch_,
                 .metrics_position = metrics_.position(),
                 .early_stop = stop_.to_json().dump(),
                 .model = parameter_views(*encoder_),
                 .best = best_,
                 .adam = adam_.state()},
                state_path());
  }

  /// One pass over the train users: the mean of each loss term.
  NamedValues train() {
    const std::vector<int64_t> order = sequences_.order(epoch_);
    const int views = objective_.views(epoch_);
    Progress progress(fmt::format("pretrain epoch {}/{}", epoch_, job_.options.epochs),
                      static_cast<int64_t>(order.size()), "users");
    LossMeans means("lower pretrain.lr");
    const auto batch_size = static_cast<size_t>(job_.options.batch_size);
    for (size_t first = 0, step = 0; first < order.size(); first += batch_size, ++step) {
      if (job_.on_step) job_.on_step(epoch_, static_cast<int64_t>(step) + 1);
      throw_if_interrupted();
      const std::span<const int64_t> users =
          std::span(order).subspan(first, std::min(batch_size, order.size() - first));
      const uint64_t seed = derive_seed(job_.seed, "pretrain.dropout", {static_cast<uint64_t>(epoch_), step});
      step_(sequences_.training_batch(users, epoch_, static_cast<int64_t>(step), views), seed, means,
            fmt::format("pretrain epoch {}, step {}", epoch_, step + 1));
      progress.update(static_cast<int64_t>(first + users.size()));
    }
    return means.means();
  }

  /// Validation metrics; keeps the weights if they are the best so far.
  NamedValues validate() {
    const std::vector<Rank> ranks = evaluate_encoder(encoder_, sequences_, Split::valid, job_.compat);
    if (stop_.update(metric(ranks, job_.options.early_stop.stop_metrics), epoch_)) best_ = parameters_of(*encoder_);
    return metrics_of(ranks);
  }

  void report(const NamedValues& losses, const NamedValues& valid, double seconds) {
    json line = {{"epoch", epoch_}, {"losses", to_json(losses)}, {"seconds", seconds}};
    std::string text = fmt::format("pretrain epoch {}/{}: {}", epoch_, job_.options.epochs, on_one_line(losses));
    if (!valid.empty()) {
      line["valid"] = to_json(valid);
      text += fmt::format("; valid {}; best {} {:.4f} (epoch {})", on_one_line(valid),
                          job_.options.early_stop.stop_metrics, *stop_.best, stop_.best_epoch);
    }
    metrics_.append(line);
    log::info("{}; {:.1f} s", text, seconds);
  }

  const PretrainJob& job_;
  SequenceBatcher sequences_;
  SasRec encoder_;
  PretrainObjective objective_;
  Adam adam_;
  PretrainStep step_;
  EarlyStop stop_;
  StateDict best_;
  int epoch_ = 0;  // the last one begun
  std::string fingerprint_;
  MetricsLog metrics_;
};

PretrainResult use_checkpoint(PretrainJob job) {
  const std::string& path = job.options.checkpoint;
  const StateDict weights = read_weights(path);
  job.options.encoder = encoder_of_checkpoint(weights, path, job.options.encoder, job.origin);
  const SequenceBatcher sequences(*job.interactions, job.options, job.compat, job.seed);
  SasRec encoder = make_encoder(job, sequences.item_size());
  require_no_more_weights(load_parameters(*encoder, weights, path), path);
  MetricsLog metrics(job.folder / "metrics.jsonl", 0, job.events);
  return Finish(job, encoder, sequences).run(EarlyStop(job.options.early_stop), 0, metrics);
}

}  // namespace

at::Tensor user_representations(SasRec encoder, const SequenceBatcher& sequences, const PretrainOptions& options) {
  return PretrainObjective(std::move(encoder), sequences, options).train_representations();
}

PretrainResult pretrain(const PretrainJob& job) {
  fs::create_directories(job.folder);
  if (!job.options.checkpoint.empty()) return use_checkpoint(job);
  Pretrainer pretrainer(job);
  while (!pretrainer.finished()) pretrainer.run_epoch();
  return pretrainer.finish();
}

}  // namespace latentcrs
