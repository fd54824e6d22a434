#include "base/config/config_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/config/config_names.h"
#include "base/config/load_config.h"
#include "base/config/nearest.h"
#include "base/util/error.h"

namespace latentcrs {

namespace fs = std::filesystem;

namespace {

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

void append_new(std::vector<fs::path>& folders, const fs::path& folder) {
  const fs::path path = fs::weakly_canonical(folder);
  if (std::find(folders.begin(), folders.end(), path) == folders.end()) folders.push_back(path);
}

/// `folder` and everything above it, nearest first.
std::vector<fs::path> with_parents(fs::path folder) {
  std::vector<fs::path> result = {folder};
  for (; folder.has_relative_path(); result.push_back(folder)) folder = folder.parent_path();
  return result;
}

std::vector<std::string> configs_in(const std::vector<fs::path>& folders, const std::string& group) {
  std::set<std::string> names;
  for (const fs::path& folder : folders) {
    std::error_code missing;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder / group, missing))
      if (entry.path().extension() == ".yaml") names.insert(entry.path().stem().string());
  }
  return {names.begin(), names.end()};
}

std::string looked_in(const std::vector<fs::path>& folders) {
  std::vector<std::string> shown;
  for (const fs::path& folder : folders) shown.push_back(shown_path(folder));
  return fmt::format("looked in {}", fmt::join(shown, ", "));
}

}  // namespace

std::string shown_path(const fs::path& path) {
  const fs::path relative = path.lexically_relative(fs::current_path());
  return (relative.empty() || *relative.begin() == ".." ? path : relative).string();
}

std::vector<fs::path> config_search_path() {
  std::vector<fs::path> folders;
  if (const char* given = std::getenv("LATENTCRS_CONFIG_DIR"); given != nullptr && *given != 0)
    append_new(folders, given);
  append_new(folders, fs::current_path() / "configs");
  for (const fs::path& folder : with_parents(fs::current_path()))
    if (is_folder(folder / "configs")) append_new(folders, folder / "configs");

  std::error_code unknown;
  const fs::path executable = fs::read_symlink("/proc/self/exe", unknown);
  if (unknown) return folders;
  append_new(folders, executable.parent_path() / "../share/latentcrs/configs");
  for (const fs::path& folder : with_parents(executable.parent_path()))
    if (is_file(folder / "configs/base.yaml")) append_new(folders, folder / "configs");
  return folders;
}

fs::path find_config_file(const std::string& name, const fs::path& main_config) {
  if (is_file(name)) return name;
  std::vector<fs::path> folders = {main_config.parent_path()};
  for (const fs::path& folder : config_search_path()) append_new(folders, folder);
  for (const fs::path& folder : folders)
    if (is_file(folder / name)) return folder / name;
  throw config_error(fmt::format("{}: no such file ({})", name, looked_in(folders)));
}

fs::path find_main_config(const std::string& name) {
  for (const std::string& file : {name, name + ".yaml"})
    if (is_file(file)) return fs::weakly_canonical(file);
  const std::vector<fs::path> folders = config_search_path();
  for (const fs::path& folder : folders)
    for (const std::string& file : {name, name + ".yaml"})
      if (is_file(folder / file)) return folder / file;
  const std::vector<std::string> known = config_names();
  const std::string hint = did_you_mean(name, known);
  throw config_error(fmt::format("no configuration '{}': {}there are {} ({})", name, hint.empty() ? "" : hint + " ",
                                 known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", ")),
                                 looked_in(folders)));
}

ConfigTree::ConfigTree(const fs::path& main_file) : folders_{main_file.parent_path()} {
  for (const fs::path& folder : config_search_path()) append_new(folders_, folder);
}

bool ConfigTree::is_group(const std::string& name) const {
  return !name.empty() && std::any_of(folders_.begin(), folders_.end(),
                                      [&](const fs::path& folder) { return !configs_in({folder}, name).empty(); });
}

std::optional<fs::path> ConfigTree::find(const std::string& stem) const {
  const std::string file = stem.ends_with(".yaml") ? stem : stem + ".yaml";
  for (const fs::path& folder : folders_)
    if (is_file(folder / file)) return folder / file;
  return std::nullopt;
}

std::vector<std::string> ConfigTree::choices(const std::string& group) const { return configs_in(folders_, group); }

}  // namespace latentcrs
