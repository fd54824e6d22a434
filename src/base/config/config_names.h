// The configurations and group choices in the config search path.
#pragma once

#include <string>
#include <vector>

namespace latentcrs {

/// Names that --config finds: the YAML files directly in the folders of config_search_path(), without .yaml, sorted.
/// `base`, which only serves the others to build on, is left out.
std::vector<std::string> config_names();

/// A file configs/<group>/<choice>.yaml, chosen by `group=choice`.
struct GroupChoice {
  std::string group;
  std::string choice;
  bool operator==(const GroupChoice&) const = default;
};

/// Sorted by group and choice.
std::vector<GroupChoice> group_choices();

}  // namespace latentcrs
