#include "base/config/result_settings.h"
#include "datasets/data/preprocess.h"
#include "datasets/data/raw_format.h"
#include "experiment/stages/stage.h"

namespace latentcrs {

namespace {

using nlohmann::json;

json settings(const StageContext& context) { return result_settings(context.config, "preprocess"); }

std::vector<ConfigFile> config_files(const Config& config) {
  const DatasetOptions& dataset = config.datasets;
  std::vector<ConfigFile> files = {{"datasets.interactions", dataset.interactions}};
  for (const std::string& file : dataset.more_interactions) files.push_back({"datasets.more_interactions", file});
  if (!dataset.metadata.empty()) files.push_back({"datasets.metadata", dataset.metadata});
  if (!dataset.item_names.empty()) files.push_back({"datasets.item_names", dataset.item_names});
  if (!dataset.split.valid.empty()) files.push_back({"datasets.split.valid", dataset.split.valid});
  if (!dataset.split.test.empty()) files.push_back({"datasets.split.test", dataset.split.test});
  return files;
}

std::filesystem::path metadata(const StageContext& context) {
  const DatasetOptions& dataset = context.config.datasets;
  // ICLRec's sequence files come without item features.
  if (!needs_metadata(dataset) && dataset.metadata.empty()) return {};
  return context.input("datasets.metadata", dataset.metadata);
}

std::vector<std::filesystem::path> more_interactions(const StageContext& context) {
  std::vector<std::filesystem::path> files;
  for (const std::string& file : context.config.datasets.more_interactions)
    files.push_back(context.input("datasets.more_interactions", file));
  return files;
}

/// A file of a split that comes in files; empty if there is none.
std::filesystem::path split_file(const StageContext& context, const std::string& part) {
  const SplitOptions& split = context.config.datasets.split;
  const std::string& path = part == "valid" ? split.valid : split.test;
  return path.empty() ? std::filesystem::path() : context.input("datasets.split." + part, path);
}

/// The table of names; empty if there is none.
std::filesystem::path names(const StageContext& context) {
  const std::string& path = context.config.datasets.item_names;
  return path.empty() ? std::filesystem::path() : context.input("datasets.item_names", path);
}

std::vector<std::filesystem::path> inputs(const StageContext& context) {
  std::vector<std::filesystem::path> files = {
      context.input("datasets.interactions", context.config.datasets.interactions)};
  for (std::filesystem::path& path : more_interactions(context)) files.push_back(std::move(path));
  const std::filesystem::path beside = file_beside_items(context.config.datasets.format, metadata(context));
  for (const auto& path :
       {metadata(context), names(context), beside, split_file(context, "valid"), split_file(context, "test")})
    if (!path.empty()) files.push_back(path);
  return files;
}

StageOutcome run(const StageContext& context) {
  const PreprocessReport report =
      preprocess({.dataset = context.config.datasets,
                  .compat = context.config.compat,
                  .interactions_path = context.input("datasets.interactions", context.config.datasets.interactions),
                  .more_interactions = more_interactions(context),
                  .metadata_path = metadata(context),
                  .output_folder = context.folder.stage("preprocess"),
                  .names_path = names(context),
                  .valid_path = split_file(context, "valid"),
                  .test_path = split_file(context, "test")});
  std::vector<Table> tables = {report.to_table()};
  if (const Table left_out = report.left_out_table(); !left_out.rows.empty()) tables.push_back(left_out);
  write_stage_summary(context, "preprocess", tables);
  return {};
}

}  // namespace

Stage make_preprocess_stage() {
  return {.info = stage_info("preprocess"),
          .config_files = config_files,
          .settings = settings,
          .inputs = inputs,
          .run = run};
}

}  // namespace latentcrs
