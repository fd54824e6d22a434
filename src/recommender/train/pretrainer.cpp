#include "recommender/train/pretrainer.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "base/util/interrupt.h"
#include "base/util/log.h"
#include "base/util/profile.h"
#include "base/util/progress.h"
#include "base/util/random.h"
#include "numerics/tensor/weights_file.h"
#include "recommender/model/centers_file.h"
#include "recommender/model/encoder_file.h"
#include "recommender/model/parameters.h"
#include "recommender/model/weights_check.h"
#include "recommender/train/adam.h"
#include "recommender/train/flush_denormals.h"
#include "recommender/train/next_item_losses.h"
#include "recommender/train/pretrain_objective.h"
#include "recommender/train/pretrain_state.h"
#include "recommender/train/pretrain_step.h"
#include "recommender/train/sharded_pretrain_step.h"
#include "recommender/train/training_run.h"

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
  const at::Tensor points = profile::timed("points of all users", [&] { return objective.train_representations(); });
  const profile::Scope scope("k-means");
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
  if (job.options.random_order) encoder->remove_positions();
  encoder->set_compute({.fused = job.options.fused_encoder,
                        .fused_attention = job.options.fused_attention,
                        .precision = job.options.precision});
  return encoder;
}

std::vector<std::pair<std::string, at::Tensor>> named_parameters(const SasRec& encoder) {
  std::vector<std::pair<std::string, at::Tensor>> parameters;
  for (const auto& parameter : encoder->named_parameters())
    if (parameter.value().requires_grad()) parameters.emplace_back(parameter.key(), parameter.value());
  return parameters;
}

TrainingRunOptions run_options(const PretrainJob& job) {
  return {.name = "pretrain",
          .folder = job.folder,
          .early_stop = job.options.early_stop,
          .events = job.events,
          .fingerprint = fingerprint(job)};
}

/// The end of every job: evaluates the encoder as it is, finds its intents, writes all outputs.
class EncoderOutputs {
 public:
  EncoderOutputs(const PretrainJob& job, SasRec encoder, const SequenceBatcher& sequences)
      : job_(job), encoder_(std::move(encoder)), sequences_(sequences) {}

  PretrainResult write(TrainingRun& run) {
    const profile::Scope scope("results");
    PretrainResult result{.valid = rank_next_items(encoder_, sequences_, Split::valid, job_.compat),
                          .test = rank_next_items(encoder_, sequences_, Split::test, job_.compat),
                          .best_epoch = run.early_stop().best_epoch,
                          .epochs_run = static_cast<int>(run.epoch())};
    write_intents();
    if (!Processes::current().leads()) return result;
    write_state_dict(parameter_views(*encoder_), job_.folder / (job_.name + ".pt"));
    write_encoder_config({.item_size = encoder_->item_size(), .options = job_.options.encoder},
                         job_.folder / (job_.name + "_config.json"));
    const NamedValues valid = metrics_of(result.valid.left_out), test = metrics_of(result.test.left_out);
    run.append({{"best_epoch", result.best_epoch},
                {"epochs_run", result.epochs_run},
                {"valid", to_json(valid)},
                {"test", to_json(test)}});
    log::info("pretrain: test, {}: {}", history_treatment(job_.compat), on_one_line(test));
    return result;
  }

 private:
  void write_intents() {
    const fs::path folder = job_.folder / (job_.name + "_clusters");
    const bool writes = Processes::current().leads();
    if (!job_.options.centers.empty()) {
      if (writes) write_npy(given_centers(), folder / "centers.npy");
      return;
    }
    PretrainObjective objective(encoder_, sequences_, job_.options);
    // Every process finds them from the same vectors: sending them would take as long as the others would wait.
    const std::vector<IntentClusters> intents = find_intents(objective, job_);
    if (!writes) return;
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
        shards_(Processes::current(), job.data_shards),
        step_(objective_, adam_, job.device, job.launch),
        sharded_step_(objective_, sequences_, adam_, named_parameters(encoder_), shards_, job.seed),
        run_(run_options(job)) {}

  PretrainResult run() {
    begin();
    while (!run_.finished(job_.options.epochs)) run_epoch();
    if (!best_.empty()) load_parameters(*encoder_, best_, "the best weights");
    return EncoderOutputs(job_, encoder_, sequences_).write(run_);
  }

 private:
  /// Takes up an interrupted run of this job, if there is one.
  void begin() {
    const std::optional<PretrainState> state = run_.begin(read_state);
    if (!state) return;
    load_parameters(*encoder_, state->model, run_.state_path().string());
    adam_.load_state(state->adam);
    best_ = state->best;
    log::info("pretrain: goes on after epoch {}", run_.epoch());
  }

  void run_epoch() {
    const auto epoch = static_cast<int>(run_.begin_epoch());
    if (objective_.needs_intents(epoch)) set_intents(find_intents(objective_, job_));
    const NamedValues losses = train(epoch);
    NamedValues valid;
    if (epoch % job_.options.eval_every == 0 || epoch == job_.options.epochs) valid = validate();
    report(losses, valid);
    run_.save([this](const TrainingProgress& progress) {
      write_state({.progress = progress, .model = parameter_views(*encoder_), .best = best_, .adam = adam_.state()},
                  run_.state_path());
    });
    if (job_.on_epoch) job_.on_epoch(epoch);
  }

  void set_intents(const std::vector<IntentClusters>& intents) {
    step_.set_intents(intents);
    sharded_step_.set_intents(intents);
  }

  /// One pass over the train users: the mean of each loss term.
  NamedValues train(int epoch) {
    const profile::Scope scope("epoch");
    const std::vector<int64_t> order = sequences_.order(epoch);
    Progress progress(fmt::format("pretrain epoch {}/{}", epoch, job_.options.epochs),
                      static_cast<int64_t>(order.size()), "users");
    LossMeans means("lower pretrain.lr");
    const auto batch_size = static_cast<size_t>(job_.options.batch_size);
    for (size_t first = 0, step = 0; first < order.size(); first += batch_size, ++step) {
      if (job_.on_step) job_.on_step(epoch, static_cast<int64_t>(step) + 1);
      throw_if_interrupted();
      const std::span<const int64_t> users =
          std::span(order).subspan(first, std::min(batch_size, order.size() - first));
      learn(users, epoch, static_cast<int64_t>(step), means);
      progress.update(static_cast<int64_t>(first + users.size()));
    }
    return means.means();
  }

  /// A step. A batch of fewer users than shards, the last one of an epoch, is every process' own work.
  void learn(std::span<const int64_t> users, int epoch, int64_t step, LossMeans& means) {
    const std::string where = fmt::format("pretrain epoch {}, step {}", epoch, step + 1);
    if (shards_.count() > 1 && users.size() >= static_cast<size_t>(shards_.count())) {
      sharded_step_(users, epoch, step, means, where);
      return;
    }
    const uint64_t seed =
        derive_seed(job_.seed, "pretrain.dropout", {static_cast<uint64_t>(epoch), static_cast<uint64_t>(step)});
    const TrainingBatch batch =
        profile::timed("batch", [&] { return sequences_.training_batch(users, epoch, step, objective_.views(epoch)); });
    step_(batch, seed, means, where);
  }

  /// Validation metrics; keeps the weights if they are the best so far.
  NamedValues validate() {
    const profile::Scope scope("validation");
    const std::vector<Rank> ranks = evaluate_encoder(encoder_, sequences_, Split::valid, job_.compat);
    if (run_.improves(metric(ranks, job_.options.early_stop.stop_metrics))) best_ = parameters_of(*encoder_);
    return metrics_of(ranks);
  }

  void report(const NamedValues& losses, const NamedValues& valid) {
    json line = run_.epoch_line();
    line["losses"] = to_json(losses);
    std::string text = fmt::format("pretrain epoch {}/{}: {}", run_.epoch(), job_.options.epochs, on_one_line(losses));
    if (!valid.empty()) {
      line["valid"] = to_json(valid);
      text += fmt::format("; valid {}; best {} {:.4f} (epoch {})", on_one_line(valid),
                          job_.options.early_stop.stop_metrics, *run_.early_stop().best, run_.early_stop().best_epoch);
    }
    run_.append(line);
    log::info("{}; {:.1f} s", text, line["seconds"].get<double>());
  }

  const PretrainJob& job_;
  SequenceBatcher sequences_;
  SasRec encoder_;
  PretrainObjective objective_;
  Adam adam_;
  Shards shards_;
  PretrainStep step_;
  ShardedPretrainStep sharded_step_;
  TrainingRun run_;
  StateDict best_;
};

PretrainResult use_checkpoint(PretrainJob job) {
  const std::string& path = job.options.checkpoint;
  const StateDict weights = read_weights(path);
  job.options.encoder = encoder_of_checkpoint(weights, path, job.options.encoder, job.origin);
  const SequenceBatcher sequences(*job.interactions, job.options, job.compat, job.seed);
  SasRec encoder = make_encoder(job, sequences.item_size());
  require_no_more_weights(load_parameters(*encoder, weights, path), path);
  TrainingRun run(run_options(job));
  run.begin_anew();
  return EncoderOutputs(job, encoder, sequences).write(run);
}

}  // namespace

at::Tensor user_representations(SasRec encoder, const SequenceBatcher& sequences, const PretrainOptions& options) {
  return PretrainObjective(std::move(encoder), sequences, options).train_representations();
}

PretrainResult pretrain(const PretrainJob& job) {
  const FlushDenormals flush;
  fs::create_directories(job.folder);
  if (!job.options.checkpoint.empty()) return use_checkpoint(job);
  return Pretrainer(job).run();
}

}  // namespace latentcrs
