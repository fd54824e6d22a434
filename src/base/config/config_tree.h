// Configuration files: main files, and the choices of each group in a folder of the group's name.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace latentcrs {

/// `path` as messages show it: relative to the working directory if it lies below.
std::string shown_path(const std::filesystem::path& path);

/// The file that `--config name` means: a path, or the name of a file of the search path, with or without .yaml.
/// Throws Error(config) that says where it looked and which configurations there are.
std::filesystem::path find_main_config(const std::string& name);

/// The files that a main file's defaults list can name: those beside it, then those of the search path.
class ConfigTree {
 public:
  explicit ConfigTree(const std::filesystem::path& main_file);

  bool is_group(const std::string& name) const;
  /// The file of "datasets/cds" (or "datasets/cds.yaml"), or of "base" at the top.
  std::optional<std::filesystem::path> find(const std::string& stem) const;
  /// Names that `find` accepts in a group, sorted; "" is the top.
  std::vector<std::string> choices(const std::string& group) const;

 private:
  std::vector<std::filesystem::path> folders_;
};

}  // namespace latentcrs
