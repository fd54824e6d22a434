#include "experiment/run/exported_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/util/error.h"
#include "base/util/files.h"
#include "datasets/data/sequence_times.h"
#include "experiment/run/manifest.h"
#include "experiment/run/raw_ids.h"
#include "experiment/run/run_folder.h"

namespace latentcrs {
namespace {

template <class Ids>
std::vector<std::string> raw_names(const Ids& ids, const RawIds& raw) {
  std::vector<std::string> names;
  for (const auto id : ids) names.push_back(raw.raw(id));
  return names;
}

std::vector<fs::path> rank_files(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool wanted = name.starts_with("ranks_") || name.starts_with("lists_");
    if (wanted && name.ends_with(".tsv")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

ExportedRun read_exported_run(const Config& config) {
  const RunFolder folder(fs::absolute(config.output_dir), config.datasets);
  const fs::path preprocess = folder.stage("preprocess");
  const auto manifest = read_manifest(preprocess);
  if (!fs::exists(folder.interactions()) || (manifest && !manifest->complete()))
    throw data_error(
        fmt::format("{} holds no finished result: run `latentcrs preprocess` with the same config and "
                    "overrides first",
                    preprocess.string()));
  ExportedRun run{.name = config.datasets.dataset_name,
                  .interactions = read_interactions(folder.interactions(), folder.parts()),
                  .max_history = config.pretrain.encoder.max_seq_length,
                  .leave_one_out = folder.parts().empty(),
                  .ranks = rank_files(folder.stage("evaluate"))};
  if (fs::exists(folder.times())) run.times = read_sequence_times(folder.times(), run.interactions);
  run.items = run.interactions.distinct_items();
  run.raw_users = raw_names(run.interactions.user_ids, RawIds(user_id_map(preprocess)));
  run.raw_items = raw_names(run.items, RawIds(item_id_map(preprocess)));
  if (fs::is_regular_file(folder.features())) run.catalogue = read_item_catalogue(folder.features(), config.datasets);
  return run;
}

}  // namespace latentcrs
