// A command of the program: its help, its options and its work.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/invocation.h"

namespace CLI {
class App;
}

namespace latentcrs {

enum class ConfigUse { none, optional, required };

/// The words that completion offers after a command, options apart.
enum class ArgumentKind { overrides, run_folders, files, fixed_words };

struct CommandInfo {
  std::string name;
  std::string help;     ///< one line
  std::string details;  ///< lines below the options: Reads, Writes, Examples
  ConfigUse config = ConfigUse::required;
  ArgumentKind arguments = ArgumentKind::overrides;
  std::vector<std::string> fixed_words = {};
};

class Command {
 public:
  explicit Command(CommandInfo info) : info_(std::move(info)) {}
  virtual ~Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  const CommandInfo& info() const { return info_; }

  /// Adds the options of this command alone (--config and overrides are added elsewhere). Parsing fills this object.
  virtual void add_options(CLI::App& /*parser*/) {}
  /// Checks the parsed options and passes on those that an Invocation holds. Throws Error(usage).
  virtual void finish(Invocation& /*invocation*/) {}
  /// Does the work and returns the exit code. The configs of all jobs are loaded.
  virtual int run(const Invocation& invocation) const = 0;

 private:
  CommandInfo info_;
};

}  // namespace latentcrs
