// The table of commands, from which help, completion, manual pages and the dispatch come.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/launcher/command.h"

namespace latentcrs {

using Commands = std::vector<std::unique_ptr<Command>>;

/// A new object for each command, in the order of the help.
Commands make_commands();

/// The texts of all commands, in the order of the help.
const std::vector<CommandInfo>& command_infos();
/// The texts of a command; nullptr if there is no command of that name.
const CommandInfo* find_command(const std::string& name);
std::vector<std::string> command_names();

}  // namespace latentcrs
