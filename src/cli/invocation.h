// A parsed command line. The launcher fills it in; the core library, which the launcher loads, carries it out.
// The two are built and installed together: nothing here is a stable interface.
#pragma once

#include <any>
#include <string>
#include <vector>

#include "base/config/load_config.h"

namespace latentcrs {

enum class Verbosity { quiet, normal, verbose };  ///< lowest level on the terminal: warnings, info, debug

/// One run: a sweep (`--multirun`) has several.
struct Job {
  std::vector<std::string> overrides;
  LoadedConfig loaded;
};

struct Invocation {
  std::string command;                 ///< its name
  std::string config;                  ///< the argument of --config; empty if it was not given
  std::vector<std::string> overrides;  ///< as typed
  std::vector<Job> jobs;               ///< resolved: one without --multirun, none without a config
  Verbosity verbosity = Verbosity::normal;
  bool multirun = false;

  // For the core library alone (cli/launcher/run_in_core.h).
  std::string core_command;            ///< the name under which the core library knows the command
  std::any request;                    ///< its options, of a type in cli/core_requests.h
  std::vector<std::string> overruled;  ///< variables of the environment, as NAME=value, that the launcher has changed
};

}  // namespace latentcrs

/// The core library's one entry point: runs a command and returns the process exit code. No exception leaves it.
extern "C" int latentcrs_core_run(const latentcrs::Invocation* invocation);
