#include "experiment/stages/stage_context.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/util/error.h"
#include "base/util/files.h"

namespace latentcrs {

StageContext make_context(const LoadedConfig& loaded, c10::Device device) {
  const Config& config = loaded.config;
  StageContext context{.config = config,
                       .folder = RunFolder(fs::absolute(config.output_dir), config.datasets),
                       .data_roots = {fs::current_path()},
                       .config_file = loaded.file,
                       .device = device};
  for (const ResolvedValue& value : loaded.values)
    if (value.origin != "default") context.origins.emplace(value.key, value.origin);
  std::vector<fs::path> config_folders = {fs::absolute(loaded.file).parent_path()};
  for (const fs::path& folder : config_search_path()) config_folders.push_back(folder);
  for (const fs::path& folder : config_folders) {
    const fs::path root = folder.parent_path();
    if (std::find(context.data_roots.begin(), context.data_roots.end(), root) == context.data_roots.end())
      context.data_roots.push_back(root);
  }
  return context;
}

std::string StageContext::origin(const std::string& key) const {
  const auto found = origins.find(key);
  return found == origins.end() ? "" : found->second;
}

bool StageContext::has_features() const {
  const DatasetOptions& dataset = config.datasets;
  if (describes_by_neighbours(dataset)) return true;
  if (dataset.features_name.empty()) return false;
  return needs_metadata(dataset) || !dataset.metadata.empty() || fs::is_regular_file(folder.features());
}

std::string lacks_features(const StageContext& context) {
  if (context.has_features()) return "";
  return fmt::format(
      "item features (a dataset of sequences alone has none; set datasets.metadata to a TSV with the columns {}, "
      "title, "
      "categories and description, and datasets.features_name; or datasets.items_without_words=neighbours and no "
      "datasets.features_name)",
      context.config.datasets.id_column);
}

fs::path StageContext::prompt_template(const std::string& name) const { return find_config_file(name, config_file); }

fs::path StageContext::input(const std::string& setting, const std::string& path) const {
  if (path.empty()) throw config_error(setting + " is not set: give the path of the file");
  std::string looked;
  for (const fs::path& root : data_roots) {
    const fs::path candidate = root / path;  // an absolute path replaces the root
    for (const fs::path& file : {candidate, fs::path(candidate.string() + ".gz")})
      if (fs::is_directory(file))
        throw data_error(fmt::format("{}: {} is a folder, not a file", setting, file.lexically_normal().string()));
      else if (fs::exists(file))
        return file.lexically_normal();
    looked += (looked.empty() ? "" : ", ") + candidate.lexically_normal().string();
    if (fs::path(path).is_absolute()) break;
  }
  // `doctor` knows the datasets, but not the files that are the user's own.
  const bool of_dataset = setting == "datasets.interactions" || setting == "datasets.metadata";
  throw data_error(fmt::format("{}: no such file (looked for {}, also with .gz){}", setting, looked,
                               of_dataset ? "; `latentcrs doctor` says how to get the datasets" : ""));
}

}  // namespace latentcrs
