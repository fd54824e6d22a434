// The config, folders and device that a stage works with.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/config/load_config.h"
#include "experiment/run/run_folder.h"

namespace latentcrs {

struct StageContext {
  const Config& config;
  RunFolder folder;
  std::vector<std::filesystem::path> data_roots;  ///< where relative paths of the config are looked up, in order
  std::filesystem::path config_file;  ///< the file that --config named; templates are looked up beside it first
  c10::Device device = c10::kCPU;
  bool detach = false;                              ///< RunFlags::detach
  std::map<std::string, std::string> origins = {};  ///< by key: where the settings that are not defaults come from

  /// Where a setting comes from; "" if it is a default.
  std::string origin(const std::string& key) const;
  /// Whether the run has item features, or will have them once the dataset is preprocessed.
  bool has_features() const;

  /// The file that a setting for a template names.
  std::filesystem::path prompt_template(const std::string& name) const;
  uint64_t seed() const { return static_cast<uint64_t>(config.random_seed); }
  /// A file that the config names: as it is, below a data root, or either with .gz appended. Throws Error(data) saying
  /// which setting named it and where it was looked for, or that it is a folder.
  std::filesystem::path input(const std::string& setting, const std::string& path) const;
};

/// The context of a run of `loaded`. Relative input paths are looked up below the current folder, then below the folder
/// that holds the config's own and those of the config search path: a config lies in <tree>/configs, and its paths are
/// meant from <tree>; one elsewhere may build on the shipped configs, whose data lie in the shipped tree.
StageContext make_context(const LoadedConfig& loaded, c10::Device device);

/// "item features (…)", with the settings that would give them; "" if the run has them.
std::string lacks_features(const StageContext& context);

}  // namespace latentcrs
