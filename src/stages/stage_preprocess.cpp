#include "data/preprocess.h"
#include "stages/stage.h"

namespace latentcrs {

namespace {

using nlohmann::json;

json settings(const StageContext& context) {
  const json compat = section(context.config, "compat");
  return {{"datasets", section(context.config, "datasets")},
          {"compat",
           {{"reviews_by_asin", compat.at("reviews_by_asin")}, {"ten_kcore_passes", compat.at("ten_kcore_passes")}}}};
}

std::filesystem::path metadata(const StageContext& context) {
  const DatasetOptions& dataset = context.config.datasets;
  // ICLRec's sequence files come without item features.
  if (!needs_metadata(dataset) && dataset.metadata.empty()) return {};
  return context.input("datasets.metadata", dataset.metadata);
}

std::vector<std::filesystem::path> inputs(const StageContext& context) {
  std::vector<std::filesystem::path> files = {
      context.input("datasets.interactions", context.config.datasets.interactions)};
  if (const auto path = metadata(context); !path.empty()) files.push_back(path);
  return files;
}

void run(const StageContext& context) {
  const PreprocessReport report =
      preprocess({.dataset = context.config.datasets,
                  .compat = context.config.compat,
                  .interactions_path = context.input("datasets.interactions", context.config.datasets.interactions),
                  .metadata_path = metadata(context),
                  .output_folder = context.folder.stage("preprocess")});
  write_stage_summary(context, "preprocess", {report.to_table()});
}

}  // namespace

Stage make_preprocess_stage() { return {"preprocess", "sequences and item features", settings, inputs, run}; }

}  // namespace latentcrs
