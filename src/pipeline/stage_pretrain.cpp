#include <fmt/format.h>

#include "latentcrs/data/interactions.h"
#include "latentcrs/eval/one_turn.h"
#include "latentcrs/train/pretrainer.h"
#include "stage.h"

namespace latentcrs {

namespace {

using nlohmann::json;

json settings(const StageContext& context) {
  const json compat = section(context.config, "compat");
  return {{"pretrain", section(context.config, "pretrain")},
          {"random_seed", context.config.random_seed},
          {"arithmetic", arithmetic_of(context.config)},
          {"compat",
           {{"seen_items_score_zero", compat.at("seen_items_score_zero")},
            {"denoise_label_from_validation", compat.at("denoise_label_from_validation")}}}};
}

/// The config's own files, found: the trainer opens them as they are.
PretrainOptions with_found_files(const StageContext& context) {
  PretrainOptions options = context.config.pretrain;
  if (!options.checkpoint.empty())
    options.checkpoint = context.input("pretrain.checkpoint", options.checkpoint).string();
  if (!options.centers.empty()) options.centers = context.input("pretrain.centers", options.centers).string();
  return options;
}

std::vector<std::filesystem::path> inputs(const StageContext& context) {
  const PretrainOptions options = with_found_files(context);
  std::vector<std::filesystem::path> files = {context.folder.interactions()};
  for (const std::string& given : {options.checkpoint, options.centers})
    if (!given.empty()) files.push_back(given);
  return files;
}

void run(const StageContext& context) {
  const Interactions interactions = read_interactions(context.folder.interactions());
  const PretrainResult result =
      pretrain({.interactions = &interactions,
                .options = with_found_files(context),
                .compat = context.config.compat,
                .seed = context.seed(),
                .device = context.device,
                .cuda_graphs = context.config.cuda_graphs,
                .folder = context.folder.stage("pretrain"),
                .name = context.folder.encoder_stem().filename().string(),
                .events = context.config.tensorboard ? EventFiles::beside : EventFiles::none});
  const std::vector<RankedRow> rows = {{"valid", result.valid_ranks}, {"test", result.test_ranks}};
  write_stage_summary(context, "pretrain",
                      {one_turn_table(fmt::format("Next item by the encoder alone, {} users", result.test_ranks.size()),
                                      rows, kPretrainCutoffs)});
}

}  // namespace

Stage make_pretrain_stage() { return {"pretrain", "sequence encoder and intent centres", settings, inputs, run}; }

}  // namespace latentcrs
