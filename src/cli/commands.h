// The commands of the binary: one table from which help, completion and the dispatch come.
#pragma once

#include <string>
#include <vector>

#include "cli/invocation.h"

namespace latentcrs {

enum class ConfigUse { none, optional, required };

struct Command {
  std::string name;
  std::string help;     ///< one line
  std::string details;  ///< what it reads and writes, examples
  ConfigUse config = ConfigUse::required;
  bool is_stage = false;                    ///< takes --force and --multirun
  int (*run)(const Invocation&) = nullptr;  ///< returns the exit code
};

const std::vector<Command>& commands();
/// nullptr if there is none of that name.
const Command* find_command(const std::string& name);
std::vector<std::string> command_names();

/// Loads the core library (LibTorch, Faiss) and hands the invocation over. Throws Error(internal) if it cannot be
/// loaded.
int run_in_core(const Invocation& invocation);
int command_report(const Invocation& invocation);
int command_config(const Invocation& invocation);
int command_compare(const Invocation& invocation);
int command_completion(const Invocation& invocation);

}  // namespace latentcrs
