// The entries of Hydra's defaults lists (compose.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/config/node.h"
#include "base/config/problems.h"

namespace latentcrs {

/// An entry of a defaults list, or `+group=choice` of the command line.
struct DefaultsEntry {
  bool is_self = false;
  bool is_group = false;
  std::string path;                    ///< of the group, or of a file; a leading slash counts from the top
  std::optional<std::string> package;  ///< of `path@package`
  Node value;                          ///< of a group: the choice
  bool overrides = false;
  bool optional = false;
  bool appended = false;
  std::string origin;
};

/// The names in a choice, which is one name, a list of names, or null for no file; nullopt for anything else.
std::optional<std::vector<std::string>> choice_names(const Node& value);

/// The entries of the list `defaults`; the others are reported.
std::vector<DefaultsEntry> parse_defaults_list(const Node& defaults, Problems& problems);

}  // namespace latentcrs
