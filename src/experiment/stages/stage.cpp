#include "experiment/stages/stage.h"

#include <fmt/format.h>

#include "base/util/error.h"
#include "base/util/files.h"
#include "experiment/run/version.h"
#include "experiment/stages/made_with.h"

namespace latentcrs {

using nlohmann::json;

std::string Stage::lacks(const StageContext& context) const {
  return needs.item_features ? lacks_features(context) : "";
}

json section(const Config& config, const std::string& name) { return json::parse(canonical_json(config, name)); }

std::string arithmetic_of(const Config& config) {
  return config.arithmetic == Arithmetic::portable ? "portable" : "native";
}

void write_stage_summary(const StageContext& context, const std::string& stage, const std::vector<Table>& tables,
                         std::string_view note) {
  std::string text;
  for (const Table& table : tables) {
    if (!table.title.empty()) text += "### " + table.title + "\n\n";
    text += Table{"", table.rows}.to_markdown() + "\n";
  }
  if (!note.empty()) text += fmt::format("{}\n", note);
  write_file_atomically(context.folder.stage(stage) / "summary.md", text);
}

Manifest describe_stage(const Stage& stage, const StageContext& context) {
  Manifest manifest{.stage = stage.info.name, .version = version_string(), .settings = stage.settings(context)};
  manifest.made_with = made_with(context.config, context.device);
  const auto before = read_manifest(context.folder.stage(stage.info.name));
  for (const fs::path& input : stage.inputs(context)) {
    if (!fs::exists(input))
      throw data_error(
          fmt::format("{} needs {}, which is not there: run `latentcrs run` with the same config, or the "
                      "stage that makes it",
                      stage.info.name, input.string()));
    if (fs::is_directory(input))
      throw data_error(fmt::format("{}: {} is a folder, not a file", stage.info.name, input.string()));
    // A file of this run is named by its place in it, so that a moved run folder stays up to date.
    const fs::path relative = input.lexically_relative(context.folder.root());
    const bool outside = relative.empty() || *relative.begin() == "..";
    const std::string name = outside ? input.string() : relative.string();
    const auto known = before ? before->inputs.find(name) : decltype(before->inputs.end()){};
    manifest.inputs[name] = stamp_file(input, before && known != before->inputs.end() ? &known->second : nullptr);
  }
  return manifest;
}

}  // namespace latentcrs
