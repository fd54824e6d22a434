#include <fmt/format.h>

#include <algorithm>

#include "stages/em_inputs.h"
#include "train/em_trainer.h"
#include "util/log.h"

namespace latentcrs {

namespace {

using nlohmann::json;

json settings(const StageContext& context) {
  const json dataset = section(context.config, "datasets");
  json settings = {{"em", section(context.config, "em")},
                   {"compat", section(context.config, "compat")},
                   // Early stopping ranks the validation users with it.
                   {"evaluate", {{"seen_items", section(context.config, "evaluate").at("seen_items")}}},
                   {"random_seed", context.config.random_seed},
                   {"arithmetic", arithmetic_of(context.config)},
                   {"exp_name", context.config.exp_name},
                   {"meta_task_keys", dataset.at("meta_task_keys")},
                   {"filter_keys", dataset.at("filter_keys")}};
  // Stopped by ranks among more candidates at revisions that left out max_history - 1 items.
  if (context.config.evaluate.seen_items == SeenItems::mask) settings["history_left_out"] = "whole";
  return settings;
}

/// The config with its own files found.
Config with_found_files(const StageContext& context) {
  Config config = context.config;
  if (config.posterior.load_pretrained)
    config.posterior.pretrained_path =
        context.input("posterior.pretrained_path", config.posterior.pretrained_path).string();
  if (config.prior.load_pretrained)
    config.prior.pretrained_path = context.input("prior.pretrained_path", config.prior.pretrained_path).string();
  return config;
}

std::vector<std::filesystem::path> inputs(const StageContext& context) {
  std::vector<std::filesystem::path> files = em_input_files(context);
  const Config config = with_found_files(context);
  if (config.posterior.load_pretrained) files.push_back(config.posterior.pretrained_path);
  if (config.prior.load_pretrained) files.push_back(config.prior.pretrained_path);
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
void warn_of_untrained_networks(const Config& config) {
  const auto trained = [&](bool StageOptions::*left_out) {
    return std::any_of(config.stages.begin(), config.stages.end(),
                       [&](const StageOptions& stage) { return stage.epochs != 0 && !(stage.*left_out); });
  };
  const auto warn = [](const char* network, const char* scores) {
    log::warn("train: no stage trains the {}: its weights stay random, and the scores {} say nothing", network, scores);
  };
  if (!trained(&StageOptions::no_estep) && !config.posterior.load_pretrained) warn("posterior", "without text");
  if (!trained(&StageOptions::no_mstep) && !config.prior.load_pretrained) warn("prior", "with text");
}

void run(const StageContext& context) {
  const EmInputs em(context);
  const int64_t text_width = em.text_width();
  const EmExamples train = em.training(), valid = em.evaluation("valid");
  warn_of_missing_replies("train", "training", train);
  warn_of_missing_replies("train", "validation", valid);
  const Config config = with_found_files(context);
  warn_of_untrained_networks(config);
  EmJob job{.model = em.model(text_width),
            .train = &train,
            .valid = &valid,
            .interactions = &em.interactions(),
            .folder = context.folder.stage("train")};
  job.model.config = &config;
  write_stage_summary(context, "train", {stage_table(train_em(job), config.early_stop.stop_metrics)});
}

}  // namespace

Stage make_train_stage() { return {"train", "posterior and prior", settings, inputs, run}; }

}  // namespace latentcrs
