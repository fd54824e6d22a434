#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/config/result_settings.h"
#include "base/metrics/one_turn.h"
#include "base/util/files.h"
#include "base/util/profile.h"
#include "datasets/data/interactions.h"
#include "experiment/stages/stage.h"
#include "numerics/parallel/processes.h"
#include "recommender/train/pretrainer.h"

namespace latentcrs {

namespace {

using nlohmann::json;

json settings(const StageContext& context) { return result_settings(context.config, "pretrain"); }

std::vector<ConfigFile> config_files(const Config& config) {
  std::vector<ConfigFile> files;
  if (!config.pretrain.checkpoint.empty()) files.push_back({"pretrain.checkpoint", config.pretrain.checkpoint});
  if (!config.pretrain.centers.empty()) files.push_back({"pretrain.centers", config.pretrain.centers});
  return files;
}

/// The options with the user's own files found: the trainer opens them as they are.
PretrainOptions with_found_files(const StageContext& context) {
  PretrainOptions options = context.config.pretrain;
  if (!options.checkpoint.empty())
    options.checkpoint = context.input("pretrain.checkpoint", options.checkpoint).string();
  if (!options.centers.empty()) options.centers = context.input("pretrain.centers", options.centers).string();
  return options;
}

std::vector<std::filesystem::path> inputs(const StageContext& context) {
  const PretrainOptions options = with_found_files(context);
  std::vector<std::filesystem::path> files = context.folder.dataset();
  for (const std::string& given : {options.checkpoint, options.centers})
    if (!given.empty()) files.push_back(given);
  if (!options.checkpoint.empty())
    if (const auto beside = encoder_config_beside(options.checkpoint); std::filesystem::exists(beside))
      files.push_back(beside);
  return files;
}

/// One treatment of the items of the input: how tables and next_item.json call it, and the ranks.
struct Treatment {
  std::string title, key;
  std::vector<RankedRow> rows;
};

std::vector<Treatment> treatments(const PretrainResult& result, const CompatOptions& compat) {
  const bool zero = compat.seen_items_score_zero;
  return {{zero ? "history scored 0, as published" : "history left out",
           zero ? "seen_scored_zero" : "seen_left_out",
           {{"valid", result.valid.left_out}, {"test", result.test.left_out}}},
          {"history among the candidates, as RecBole and RecTools rank",
           "seen_kept",
           {{"valid", result.valid.kept}, {"test", result.test.kept}}}};
}

void write_results(const StageContext& context, const PretrainResult& result) {
  std::vector<Table> tables;
  json figures = json::object();
  for (const Treatment& treatment : treatments(result, context.config.compat)) {
    tables.push_back(
        one_turn_table(fmt::format("Next item by the encoder alone, {} {}, {}", result.test.left_out.size(),
                                   context.folder.parts().empty() ? "users" : "targets of the test", treatment.title),
                       treatment.rows, kPretrainCutoffs));
    figures[treatment.key] = to_json(treatment.rows);
  }
  write_file_atomically(context.folder.stage("pretrain") / "next_item.json", figures.dump(2) + "\n");
  write_stage_summary(context, "pretrain", tables, kNdcgNote);
}

StageOutcome run(const StageContext& context) {
  const Interactions interactions =
      profile::timed("read", [&] { return read_interactions(context.folder.interactions(), context.folder.parts()); });
  const PretrainResult result =
      pretrain({.interactions = &interactions,
                .options = with_found_files(context),
                .compat = context.config.compat,
                .seed = context.seed(),
                .device = context.device,
                .launch = context.config.cuda_graphs ? StepLaunch::recorded : StepLaunch::one_by_one,
                .folder = context.folder.stage("pretrain"),
                .name = context.folder.encoder_stem().filename().string(),
                .data_shards = context.config.data_shards,
                .events = context.config.tensorboard ? EventFiles::beside : EventFiles::none,
                .origin = [&context](const std::string& key) { return context.origin(key); }});
  if (Processes::current().leads()) write_results(context, result);
  return {};
}

}  // namespace

Stage make_pretrain_stage() {
  return {.info = stage_info("pretrain"),
          .needs = {.stages = {"preprocess"}},
          .config_files = config_files,
          .settings = settings,
          .inputs = inputs,
          .run = run};
}

}  // namespace latentcrs
