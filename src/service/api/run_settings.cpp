#include "service/api/run_settings.h"

#include <fmt/format.h>

#include "base/util/error.h"

namespace latentcrs {

namespace fs = std::filesystem;

LoadedConfig load_run_settings(const fs::path& run_folder, const OpenOptions& options) {
  if (!fs::is_directory(run_folder)) throw data_error(fmt::format("{}: no such folder", run_folder.string()));
  const fs::path file = run_folder / "config.yaml";
  if (!fs::is_regular_file(file))
    throw data_error(fmt::format("{} is not the folder of a run: it has no config.yaml", run_folder.string()));
  std::vector<std::string> overrides = options.settings;
  overrides.push_back(text_override("output_dir", fs::absolute(run_folder).lexically_normal().string()));
  return load_config(file.string(), overrides);
}

}  // namespace latentcrs
