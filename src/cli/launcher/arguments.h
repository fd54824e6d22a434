// The parser of the command line.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/invocation.h"
#include "cli/launcher/command.h"

namespace latentcrs {

struct CommandLine {
  Invocation invocation;
  std::unique_ptr<Command> command = {};  ///< with its options; null if there is an answer
  std::string answer;  ///< text of --help or --version: print it and do nothing else; empty otherwise
};

/// Parses the arguments after the program's name; no config is read yet. Throws Error(usage), naming the nearest
/// command or option where there is one.
CommandLine parse_arguments(const std::vector<std::string>& arguments);

/// Long options of a command ("--config"), without the hidden ones; of the program itself for an empty name.
std::vector<std::string> option_names(const std::string& command);

/// An option or an argument, as the help shows it.
struct OptionHelp {
  std::string names;  ///< "-c, --config"
  std::string value;  ///< "NAME"; empty for a flag or an argument
  std::string help;
  bool is_argument = false;  ///< given without a name
};

/// The options and arguments of a command, without the hidden ones; of the program itself for an empty name.
std::vector<OptionHelp> option_help(const std::string& command);

/// Expands a leading ~ in the value of an option, which a shell leaves as it is in --option=~/…. Throws Error(usage)
/// for ~name.
void expand_path(std::string& path, const char* option);

/// One line about the program, without a full stop.
std::string program_description();
/// The examples and exit codes below the program's help.
std::string program_footer();

}  // namespace latentcrs
