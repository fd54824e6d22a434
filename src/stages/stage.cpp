#include "stages/stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "run/version.h"
#include "stages/made_with.h"
#include "util/error.h"
#include "util/files.h"

namespace latentcrs {

using nlohmann::json;

json section(const Config& config, const std::string& name) { return json::parse(canonical_json(config, name)); }

std::string arithmetic_of(const Config& config) {
  return config.arithmetic == Arithmetic::portable ? "portable" : "native";
}

void write_stage_summary(const StageContext& context, const std::string& stage, const std::vector<Table>& tables) {
  std::string text;
  for (const Table& table : tables) {
    if (!table.title.empty()) text += "### " + table.title + "\n\n";
    text += Table{"", table.rows}.to_markdown() + "\n";
  }
  write_file_atomically(context.folder.stage(stage) / "summary.md", text);
}

Manifest describe_stage(const Stage& stage, const StageContext& context) {
  Manifest manifest{.stage = stage.name, .version = version_string(), .settings = stage.settings(context)};
  manifest.made_with = made_with(context.config, context.device);
  const auto before = read_manifest(context.folder.stage(stage.name));
  for (const fs::path& input : stage.inputs(context)) {
    if (!fs::exists(input))
      throw data_error(
          fmt::format("{} needs {}, which is not there: run `latentcrs run` with the same config, or the "
                      "stage that makes it",
                      stage.name, input.string()));
    if (fs::is_directory(input))
      throw data_error(fmt::format("{}: {} is a folder, not a file", stage.name, input.string()));
    // A file of this run is named by its place in it, so that a moved run folder stays up to date.
    const fs::path relative = input.lexically_relative(context.folder.root());
    const bool outside = relative.empty() || *relative.begin() == "..";
    const std::string name = outside ? input.string() : relative.string();
    const auto known = before ? before->inputs.find(name) : decltype(before->inputs.end()){};
    manifest.inputs[name] = stamp_file(input, before && known != before->inputs.end() ? &known->second : nullptr);
  }
  return manifest;
}

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
  if (dataset.features_name.empty()) return false;
  return needs_metadata(dataset) || !dataset.metadata.empty() || fs::is_regular_file(folder.features());
}

std::string lacks_features(const StageContext& context) {
  if (context.has_features()) return "";
  return fmt::format(
      "item features (a dataset of sequences alone has none; set datasets.metadata to a TSV with the columns {}, "
      "title, "
      "categories and description, and datasets.features_name)",
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
  throw data_error(
      fmt::format("{}: no such file (looked for {}, also with .gz); `latentcrs doctor` says how to get the "
                  "datasets",
                  setting, looked));
}

}  // namespace latentcrs
