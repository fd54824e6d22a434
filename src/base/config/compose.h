// Hydra's defaults lists: which files make up a configuration, in which order, and where in it each one belongs.
//
//   defaults:
//     - base                      # base.yaml, at the root; in a group's file: a choice of the same group
//     - datasets: cds             # datasets/cds.yaml, under the key datasets
//     - datasets: [cds, mine]     # several files of a group
//     - /datasets: cds            # in a group's file: a group counted from the top
//     - datasets@other: cds       # under the key other
//     - embed: for_${datasets}    # the choice of another group
//     - optional embed: mine      # skipped if there is no such file
//     - datasets: ???             # the command line has to choose
//     - _self_                    # this file itself; last if it is not in the list
//     - override pretrain: cds    # replaces the choice of a list read before; at the end of the list
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/config/config_tree.h"
#include "base/config/node.h"
#include "base/config/overrides.h"
#include "base/config/problems.h"

namespace latentcrs {

/// A file's settings and the key they belong under ("" is the root). The package is the group's name, or what a comment
/// `# @package x` at the top of the file says (`_global_` is the root), or what `group@package` says.
struct Source {
  Node tree;
  std::string package;
};

/// True if the override chooses a file of a group instead of setting values.
bool chooses_group(const Override& override, const ConfigTree& tree);

/// The sources of `main_file` in the order in which they apply. `overrides` are those that choose groups:
/// `group=choice` replaces a choice of a defaults list, `+group=choice` adds a file after all others, `~group` and
/// `~group=choice` remove one.
std::vector<Source> compose(const std::filesystem::path& main_file, const ConfigTree& tree,
                            const std::vector<Override>& overrides, Problems& problems);

}  // namespace latentcrs
