#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/config/result_settings.h"
#include "base/util/error.h"
#include "base/util/log.h"
#include "experiment/stages/em_inputs.h"
#include "experiment/stages/mixture_inputs.h"
#include "numerics/parallel/processes.h"
#include "recommender/train/em_trainer.h"

namespace latentcrs {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json settings(const StageContext& context) { return result_settings(context.config, "train"); }

std::vector<ConfigFile> config_files(const Config& config) {
  std::vector<ConfigFile> files;
  if (config.em.prior.load_pretrained) files.push_back({"prior.pretrained_path", config.em.prior.pretrained_path});
  if (config.em.posterior.load_pretrained)
    files.push_back({"posterior.pretrained_path", config.em.posterior.pretrained_path});
  return files;
}

/// The networks of EM take one state a user; centres that a file gives have its width already.
void check_centre_width(const StageContext& context) {
  const PretrainOptions& options = context.config.pretrain;
  if (options.seq_representation_type == Representation::concatenate && options.centers.empty())
    throw config_error(
        "pretrain.seq_representation_type=concatenate: its intent centres are as wide as all of a user's states, and "
        "EM takes centres as wide as one: set mean, or stop after pretraining");
}

/// The files of the networks that training starts from; empty where it starts from fresh ones.
fs::path posterior_file(const StageContext& context) {
  const PosteriorOptions& options = context.config.em.posterior;
  return options.load_pretrained ? context.input("posterior.pretrained_path", options.pretrained_path) : fs::path();
}
fs::path prior_file(const StageContext& context) {
  const PriorOptions& options = context.config.em.prior;
  return options.load_pretrained ? context.input("prior.pretrained_path", options.pretrained_path) : fs::path();
}

std::vector<fs::path> inputs(const StageContext& context) {
  std::vector<fs::path> files = em_input_files(context);
  for (const fs::path& file : {posterior_file(context), prior_file(context)})
    if (!file.empty()) files.push_back(file);
  if (context.config.em.score_mixture && genres_in_text(context.config) > 0) files.push_back(context.folder.features());
  return files;
}

Table stage_table(const EmResult& result, const std::string& metric) {
  Table table{"EM stages", {{"stage", "epochs", "best epoch", "best " + metric + " (valid)"}}};
  for (const EmStageResult& stage : result.stages)
    if (stage.epochs == 0)
      table.rows.push_back({stage.name, "skipped", "-", "-"});
    else
      table.rows.push_back({stage.name, std::to_string(stage.epochs), std::to_string(stage.best_epoch),
                            fmt::format("{:.4f}", stage.best_score)});
  return table;
}

/// Weights that no stage trains are the initial ones, unless a file gives them.
void warn_of_untrained_networks(const EmOptions& em) {
  const auto trained = [&](bool StageOptions::*left_out) {
    return std::any_of(em.stages.begin(), em.stages.end(),
                       [&](const StageOptions& stage) { return stage.epochs != 0 && !(stage.*left_out); });
  };
  const auto warn = [](const char* network, const char* scores) {
    log::warn("train: no stage trains the {}: its weights stay random, and the scores {} say nothing", network, scores);
  };
  if (!trained(&StageOptions::no_estep) && !em.posterior.load_pretrained) warn("posterior", "without text");
  if (!trained(&StageOptions::no_mstep) && !em.prior.load_pretrained) warn("prior", "with text");
}

MixtureSources mixture_sources(const StageContext& context, const EmInputs& inputs, const CoOccurrence& pairs) {
  const ItemCatalogue catalogue = genres_in_text(context.config) > 0
                                      ? read_item_catalogue(context.folder.features(), context.config.datasets)
                                      : ItemCatalogue();
  return {.pairs = &pairs,
          .item_genres = item_genres(catalogue, inputs.items(), context.config),
          .file = mixture_file(context)};
}

StageOutcome run(const StageContext& context) {
  const EmInputs inputs(context);
  const int64_t text_width = inputs.text_width();
  const EmExamples train = inputs.training(), valid = inputs.evaluation("valid");
  warn_of_missing_replies("train", "training", train);
  warn_of_missing_replies("train", "validation", valid);
  const Config& config = context.config;
  std::optional<CoOccurrence> pairs;
  if (config.em.score_mixture) pairs.emplace(training_co_occurrence(inputs));
  const EmJob job{.model = inputs.model(text_width),
                  .train = &train,
                  .valid = &valid,
                  .interactions = &inputs.interactions(),
                  .folder = context.folder.stage("train"),
                  .posterior_file = posterior_file(context),
                  .prior_file = prior_file(context),
                  .exp_name = config.exp_name,
                  .seen_items = config.evaluate.seen_items,
                  .launch = config.cuda_graphs ? StepLaunch::recorded : StepLaunch::one_by_one,
                  .data_shards = config.data_shards,
                  .events = config.tensorboard ? EventFiles::beside : EventFiles::none,
                  .mixture = pairs ? std::optional(mixture_sources(context, inputs, *pairs)) : std::nullopt};
  warn_of_untrained_networks(config.em);
  const Table stages = stage_table(train_em(job), config.em.early_stop.stop_metrics);
  if (Processes::current().leads()) write_stage_summary(context, "train", {stages});
  return {};
}

}  // namespace

Stage make_train_stage() {
  return {.info = stage_info("train"),
          .needs = {.stages = {"preprocess", "pretrain", "simulate", "embed"}},
          .config_files = config_files,
          .settings = settings,
          .inputs = inputs,
          .checks = {.before_run = check_centre_width},
          .run = run};
}

}  // namespace latentcrs
