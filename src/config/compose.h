// Hydra's defaults lists: which files make up a configuration, in which order, and where in it each one belongs.
//
//   defaults:
//     - base                      # base.yaml, at the root; in a group's file: a choice of the same group
//     - datasets: cds             # datasets/cds.yaml, under the key datasets
//     - override pretrain: cds    # replaces the choice of a list read before
//     - optional embed: mine      # skipped if there is no such file
//     - datasets: ???             # the command line has to choose
//     - _self_                    # this file itself; last if it is not in the list
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config_tree.h"
#include "node.h"
#include "overrides.h"
#include "problems.h"

namespace latentcrs {

/// A file's settings and the key they belong under ("" is the root). The package is the group's name, or what a comment
/// `# @package x` at the top of the file says: `_global_` is the root.
struct Source {
  Node tree;
  std::string package;
};

/// True if the override chooses a file of a group instead of setting values.
bool chooses_group(const Override& override, const ConfigTree& tree);

/// The sources of `main_file` in the order in which they apply. `overrides` are those that choose groups:
/// `group=choice` replaces a choice of a defaults list, `+group=choice` adds a file after all others, `~group` removes
/// one.
std::vector<Source> compose(const std::filesystem::path& main_file, const ConfigTree& tree,
                            const std::vector<Override>& overrides, Problems& problems);

}  // namespace latentcrs
