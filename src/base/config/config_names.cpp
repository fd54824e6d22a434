#include "base/config/config_names.h"

#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "base/config/load_config.h"

namespace latentcrs {

namespace fs = std::filesystem;

namespace {

/// Entries of `folder`; empty if it does not exist or cannot be read.
fs::directory_iterator entries(const fs::path& folder) {
  std::error_code not_there;
  return fs::directory_iterator(folder, not_there);
}

std::set<std::string> yaml_stems(const fs::path& folder) {
  std::set<std::string> stems;
  for (const fs::directory_entry& entry : entries(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".yaml") stems.insert(entry.path().stem().string());
  }
  return stems;
}

}  // namespace

std::vector<std::string> config_names() {
  std::set<std::string> names;
  for (const fs::path& folder : config_search_path()) names.merge(yaml_stems(folder));
  names.erase("base");
  return {names.begin(), names.end()};
}

std::vector<GroupChoice> group_choices() {
  std::set<std::pair<std::string, std::string>> found;
  for (const fs::path& folder : config_search_path()) {
    for (const fs::directory_entry& group : entries(folder)) {
      if (!group.is_directory()) continue;
      for (const std::string& choice : yaml_stems(group.path()))
        found.emplace(group.path().filename().string(), choice);
    }
  }
  std::vector<GroupChoice> choices;
  for (const auto& [group, choice] : found) choices.push_back({group, choice});
  return choices;
}

}  // namespace latentcrs
