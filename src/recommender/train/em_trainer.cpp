#include "recommender/train/em_trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/util/error.h"
#include "base/util/log.h"
#include "base/util/profile.h"
#include "base/util/progress.h"
#include "base/util/random.h"
#include "datasets/data/popularity.h"
#include "numerics/parallel/shards.h"
#include "recommender/eval/text_scorer.h"
#include "recommender/model/intent_checkpoints.h"
#include "recommender/train/em_passes.h"
#include "recommender/train/em_state.h"
#include "recommender/train/flush_denormals.h"
#include "recommender/train/state_weights.h"
#include "recommender/train/training_run.h"
#include "recommender/train/validation_ranks.h"

namespace latentcrs {

namespace {

using nlohmann::json;

EmNetworks initial_networks(const EmJob& job) {
  EmNetworks networks = make_em_networks(job.model);
  if (!job.posterior_file.empty()) load_posterior(networks.posterior, job.posterior_file);
  if (!job.prior_file.empty()) load_prior(networks.prior, job.prior_file);
  return networks;
}

/// The setting by which some loss compares the target with negatives; empty without such a loss.
std::string setting_with_negatives(const EmOptions& options) {
  const bool recommends =
      (options.use_negative_loss && options.e_negative_loss_weight > 0) || options.m_rec_loss_weight > 0;
  if (!options.full_catalogue_loss && recommends) return "full_catalogue_loss=false";
  if (options.m_negative_loss_weight > 0)
    return fmt::format("m_negative_loss_weight={}", options.m_negative_loss_weight);
  return {};
}

constexpr int64_t kFewSteps = 4;  // of an epoch; with two of them, 500 utterances taught nothing

ExampleNegatives example_negatives(const EmJob& job) {
  const EmOptions& options = job.model.em;
  const std::string setting = setting_with_negatives(options);
  try {
    return {job.train->users, job.train->targets, *job.interactions, *job.model.items,
            setting.empty() ? 0 : options.neg_sample_size};
  } catch (const Error& error) {
    throw data_error(
        fmt::format("{}, which the loss of {} compares with: lower neg_sample_size, or change that setting",
                    error.what(), setting));
  }
}

/// The offsets [V] of popularity_discount by dense id; undefined without it.
at::Tensor popularity_offsets(const EmJob& job) {
  const EmModel& model = job.model;
  if (model.em.popularity_discount == 0) return {};
  const auto logs = log_popularity(*job.interactions, model.items->raw_from_dense, model.em.popularity_discount);
  return at::tensor(logs).to(model.device);
}

class EmTraining {
 public:
  explicit EmTraining(const EmJob& job);
  EmResult run();

 private:
  void begin_run();
  void begin_stage();
  void resume(const EmState& state);
  void prepare_stage();
  void draw_histories();
  void train_stage();
  void keep_best();
  void forget_ranks();
  void end_stage();

  json e_pass(Progress& progress, int64_t& steps_done);
  json m_pass(Progress& progress, int64_t& steps_done);
  PassContext context(const char* step, Progress& progress, int64_t& steps_done) const;
  double learning_rate(int64_t epochs_before) const;

  void validate();
  double watched_score() const;
  void report_epoch(json line);
  void save_state_if_due();

  void save_networks(const std::string& suffix);
  void learn_mixture();

  const StageOptions& stage() const { return options_.stages[static_cast<size_t>(stage_)]; }
  int64_t max_epochs() const { return stage().epochs >= 0 ? stage().epochs : options_.epochs; }
  /// Epochs of the stage before the one that runs.
  int64_t epochs_before() const { return run_.epoch() - 1; }
  bool elbo_counts() const { return epochs_before() >= stage().only_rec_epoch; }

  const EmJob& job_;
  const EmOptions& options_;
  const CompatOptions& compat_;
  EmNetworks networks_;
  EmSplit train_, valid_;
  EmBatches steps_;
  EmPasses passes_;

  TrainingRun run_;
  int64_t stage_ = 0;
  uint64_t stage_seed_ = 0;
  EmWeights best_;
  ValidationRanks best_ranks_;  // of the validation users by best_; empty where they are not known
  std::optional<Adam> adam_;
  UnknownStates unknown_;              // with short_histories
  std::optional<double> start_score_;  // of the stage; unknown after a resume
  ValidationRanks ranks_;              // of the validation users by the networks as they are; empty where not known
  json results_ = json::array();
};

EmTraining::EmTraining(const EmJob& job)
    : job_(job),
      options_(job.model.em),
      compat_(job.model.compat),
      networks_(initial_networks(job)),
      train_(*job.train, job.model),
      valid_(*job.valid, job.model),
      steps_(train_, example_negatives(job), job.model),
      passes_(networks_, train_, steps_, job.model, job.launch, Shards(Processes::current(), job.data_shards)),
      run_({.name = "em",
            .folder = job.folder,
            .early_stop = options_.early_stop,
            .events = job.events,
            .save_seconds = job.save_seconds}) {
  passes_.set_offsets(popularity_offsets(job));
  if (options_.train_preintent) return;
  const profile::Scope scope("states of all users");
  valid_.compute_states(networks_, options_.eval_batch_size);
  if (!compat_.batch_width_positions) train_.compute_states(networks_, options_.eval_batch_size);
  if (options_.short_histories.most == 0) return;
  unknown_ = {train_.posterior_states.mean(0, /*keepdim=*/true), train_.prior_states.mean(0, /*keepdim=*/true)};
  passes_.set_unknown(unknown_);
  valid_.draw_histories(options_.short_histories, networks_, unknown_, derive_seed(job.model.seed, "em-valid"));
}

EmResult EmTraining::run() {
  begin_run();
  while (stage_ < static_cast<int64_t>(options_.stages.size())) {
    if (!adam_) begin_stage();
    train_stage();
    end_stage();
  }
  save_networks("");
  if (job_.mixture) learn_mixture();
  EmResult result;
  result.networks = networks_;
  for (const json& stage : results_)
    result.stages.push_back({stage.at("name"), stage.at("epochs"), stage.at("best_epoch"), stage.at("best_score")});
  return result;
}

void EmTraining::begin_run() {
  if (steps_.count() < kFewSteps)
    log::warn("em: an epoch has {} step(s) of batch_size={}, which teach little: lower batch_size", steps_.count(),
              options_.batch_size);
  if (const std::optional<EmState> state = run_.begin(read_em_state)) resume(*state);
}

void EmTraining::resume(const EmState& state) {
  if (state.stage < 0 || state.stage >= static_cast<int64_t>(options_.stages.size()))
    throw data_error(fmt::format("{} stopped in stage {}, but the configuration has {}: remove it to start again",
                                 run_.state_path().string(), state.stage + 1, options_.stages.size()));
  stage_ = state.stage;
  load_weights(networks_, state.current);
  best_ = state.best;
  results_ = json::parse(state.stage_results);
  prepare_stage();
  adam_->load_state(passes_.own_part(state.adam));
  log::info("em: going on after epoch {} of stage {}", run_.epoch(), stage().name);
}

void EmTraining::begin_stage() {
  run_.begin_stage();
  if (options_.same_y_m) {
    networks_.prior->copy_item_map(*networks_.posterior);
    ranks_.with_text.clear();
  }
  keep_best();
  prepare_stage();
  if (!options_.validation_first) return;
  validate();
  best_ranks_ = ranks_;
  start_score_ = watched_score();
  report_epoch(json::object());
}

void EmTraining::prepare_stage() {
  stage_seed_ = derive_seed(job_.model.seed, "em-stage", {static_cast<uint64_t>(stage_)});
  start_score_.reset();
  adam_.emplace(passes_.own_parameters(), learning_rate(run_.epoch()), options_.optim);
}

void EmTraining::train_stage() {
  while (!run_.finished(max_epochs())) {
    const int64_t epoch = run_.begin_epoch();
    json line;
    {
      const int passes = (stage().no_estep ? 0 : 1) + (stage().no_mstep ? 0 : 1);
      Progress progress(fmt::format("{} epoch {}", stage().name, epoch), passes * steps_.count(), "steps");
      int64_t steps_done = 0;
      profile::timed("negatives", [&] { steps_.draw_negatives(stage_seed_, epochs_before()); });
      profile::timed("histories", [&] { draw_histories(); });
      adam_->set_learning_rate(learning_rate(epochs_before()));
      line["learning_rate"] = learning_rate(epochs_before());
      if (!stage().no_estep) line["e_step"] = e_pass(progress, steps_done);
      if (!stage().no_mstep) line["m_step"] = m_pass(progress, steps_done);
    }
    forget_ranks();
    validate();
    if (run_.improves(watched_score())) keep_best();
    report_epoch(std::move(line));
    save_state_if_due();
    if (job_.on_epoch) job_.on_epoch(stage().name, epoch);
  }
}

void EmTraining::draw_histories() {
  if (options_.short_histories.most == 0) return;
  train_.draw_histories(options_.short_histories, networks_, unknown_,
                        derive_seed(stage_seed_, "histories", {static_cast<uint64_t>(epochs_before())}));
}

void EmTraining::keep_best() {
  best_ = {};  // before the copy is made: two of them would be the run's peak memory
  best_ = weights_of(networks_);
  best_ranks_ = ranks_;
}

/// Forgets the ranks by networks that an epoch of the stage changes.
void EmTraining::forget_ranks() {
  if (!stage().no_mstep) ranks_.with_text.clear();
  if (!stage().no_estep) ranks_.without_text.clear();
  if (options_.train_preintent) ranks_.sequence_only.clear();
}

void EmTraining::end_stage() {
  const bool keeps_last = stage_ + 1 == static_cast<int64_t>(options_.stages.size()) && !options_.load_best_model;
  const EmWeights last = keeps_last ? weights_of(networks_) : EmWeights{};
  load_weights(networks_, best_);
  ranks_ = std::exchange(best_ranks_, {});
  save_networks("_" + stage().name);
  const EarlyStop& stop = run_.early_stop();
  if (max_epochs() == 0)
    log::info("{}: skipped, its epochs are 0", stage().name);
  else
    log::info("{}: best {} {:.4f} at epoch {} of {}", stage().name, options_.early_stop.stop_metrics,
              stop.best.value_or(0), stop.best_epoch, run_.epoch());
  if (options_.prior.m_ux.add_user_state && !stage().no_mstep && train_.prior_states.defined())
    log::info("{}: weight of the user's state: {}", stage().name, state_weights_text(networks_.prior, train_));
  if (start_score_ && stop.best && *stop.best < *start_score_)
    log::warn("{}: no epoch reached the {:.4f} that it started from", stage().name, *start_score_);
  results_.push_back({{"name", stage().name},
                      {"epochs", run_.epoch()},
                      {"best_epoch", stop.best_epoch},
                      {"best_score", stop.best.value_or(start_score_.value_or(0))}});
  adam_.reset();
  ++stage_;
  if (keeps_last) load_weights(networks_, last);
}

json EmTraining::e_pass(Progress& progress, int64_t& steps_done) {
  const profile::Scope scope("E-step");
  const EStepWeights weights{.elbo = elbo_counts() ? 1.0 : 0.0,
                             .recommendation = options_.use_negative_loss ? options_.e_negative_loss_weight : 0.0,
                             .temperature = options_.neg_loss_temp,
                             .reconstruction = options_.lambda_reconstruct};
  return passes_.e_pass(*adam_, weights, context("E-step", progress, steps_done));
}

json EmTraining::m_pass(Progress& progress, int64_t& steps_done) {
  const profile::Scope scope("M-step");
  const MStepWeights weights{.elbo = elbo_counts() ? 1.0 : 0.0,
                             .intents = elbo_counts() ? options_.m_negative_loss_weight : 0.0,
                             .recommendation = options_.m_rec_loss_weight};
  return passes_.m_pass(*adam_, weights, context("M-step", progress, steps_done));
}

PassContext EmTraining::context(const char* step, Progress& progress, int64_t& steps_done) const {
  return {.name = fmt::format("{} epoch {}, {}", stage().name, run_.epoch(), step),
          .seed = derive_seed(stage_seed_, step, {static_cast<uint64_t>(epochs_before())}),
          .after_step = [&progress, &steps_done] { progress.update(++steps_done); }};
}

double EmTraining::learning_rate(int64_t epochs_before) const {
  const double base = stage().learning_rate > 0 ? stage().learning_rate : options_.learning_rate;
  const SchedulerOptions& schedule = options_.scheduler;
  if (!schedule.enabled || compat_.constant_learning_rate) return base;
  const double share = std::min(1.0, static_cast<double>(epochs_before) / schedule.total_iters);
  return base * (schedule.start_factor + share * (schedule.end_factor - schedule.start_factor));
}

void EmTraining::validate() {
  const profile::Scope scope("validation");
  if (options_.train_preintent) valid_.compute_states(networks_, options_.eval_batch_size);
  const OneTurnUsers users = valid_.users();
  const OneTurnOptions options{
      .seen_items = job_.seen_items, .rank_non_items = compat_.rank_non_items, .block = options_.eval_batch_size};
  ranks_.complete(networks_, users, options);
}

double EmTraining::watched_score() const {
  const std::string& which = stage().stopbywhich.empty() ? options_.early_stop.stopbywhich : stage().stopbywhich;
  return metric(which == "EStep" ? ranks_.without_text : ranks_.with_text, options_.early_stop.stop_metrics);
}

void EmTraining::report_epoch(json line) {
  line.update(run_.epoch_line());
  line["em_stage"] = stage().name;
  line["valid"] = ranks_.metrics();
  run_.append(line);
  std::string losses;
  for (const char* step : {"e_step", "m_step"})
    if (line.contains(step)) losses += fmt::format("{} loss {:.4f}, ", step, line[step]["loss"].get<double>());
  const std::string& name = options_.early_stop.stop_metrics;
  const EarlyStop& stop = run_.early_stop();
  log::info("{} {}: {}{} with text {:.4f}, without {:.4f}, sequence {:.4f}{}", stage().name, run_.epoch(), losses, name,
            metric(ranks_.with_text, name), metric(ranks_.without_text, name), metric(ranks_.sequence_only, name),
            stop.best ? fmt::format(", best {:.4f} at {}", *stop.best, stop.best_epoch) : "");
}

void EmTraining::save_state_if_due() {
  if (!run_.save_is_due()) return;
  const StateDict adam = passes_.whole(adam_->state());  // every process may have a part of it
  run_.save([&](const TrainingProgress& progress) {
    save_em_state({.progress = progress,
                   .stage = stage_,
                   .current = weight_views(networks_),
                   .best = best_,
                   .adam = adam,
                   .stage_results = results_.dump()},
                  run_.state_path());
  });
}

void EmTraining::save_networks(const std::string& suffix) {
  if (!Processes::current().leads()) return;
  const profile::Scope scope("save");
  save_posterior(networks_.posterior, job_.folder / (job_.exp_name + suffix + "_inference.pt"));
  save_prior(networks_.prior, job_.folder / (job_.exp_name + suffix + "_prior.pt"));
}

/// On the validation examples with their histories as they are drawn.
void EmTraining::learn_mixture() {
  const profile::Scope scope("mixture");
  const MixtureSources& from = *job_.mixture;
  Histories histories;
  for (int64_t i = 0; i < valid_.examples.size(); ++i) histories.add(valid_.history(i));
  const OneTurnUsers users = valid_.users();
  const MixtureItems items = mixture_items(networks_.prior->item_table(), from.item_genres, *from.pairs,
                                           job_.interactions->num_users(), options_.popularity_discount);
  const MixtureWeights weights = latentcrs::learn_mixture(
      {.by_intent = vectors_by_intent(networks_.prior, users.prior_states, users.text, options_.eval_batch_size),
       .genres = named_genres(users.text, from.item_genres.size(1)),
       .histories = &histories},
      users.targets, users.has_text, items, options_.popularity_discount);
  log::info("mixture: weights by length of the history: {}", mixture_text(weights));
  if (Processes::current().leads()) write_mixture(weights, from.file);
}

}  // namespace

EmResult train_em(const EmJob& job) {
  const FlushDenormals flush;
  return EmTraining(job).run();
}

}  // namespace latentcrs
