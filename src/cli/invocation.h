// What the command line asks for. The launcher fills it in; the core library, which the launcher loads, carries it out.
// The two are built and installed together: nothing here is a stable interface.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/load_config.h"

namespace latentcrs {

enum class CompletionList { none, configs, keys };
enum class Verbosity { quiet, normal, verbose };  ///< lowest level on the terminal: warnings, info, debug

/// One run: a sweep (`--multirun`) has several.
struct Job {
  std::vector<std::string> overrides;
  LoadedConfig loaded;
};

/// What `compare` is asked for; meanings in report/compare_runs.h.
struct ComparisonChoice {
  std::string score = "with text";
  std::string split = "test";
  std::string seen_items;  ///< empty: as the run's headline
  bool without_leaks = false;
  bool common = false;
  bool as_json = false;
  int resamples = 10000;
  int64_t seed = 42;
};

struct Invocation {
  std::string command;                 ///< a name of src/cli/commands.h
  std::string config;                  ///< what --config named; empty: not given
  std::vector<std::string> overrides;  ///< as typed
  std::vector<Job> jobs;               ///< resolved; one without --multirun, none if there is no config
  Verbosity verbosity = Verbosity::normal;
  bool multirun = false;
  bool force = false;
  bool dry_run = false;   ///< say what language models would be asked, and ask nothing
  bool retry = false;     ///< ask again for the answers that a finished simulate stage lacks
  bool detach = false;    ///< leave batch jobs running
  bool tables = false;    ///< run: print the tables too
  bool services = false;  ///< doctor: try them

  bool with_origin = false;  ///< config: say where each value came from
  std::string key;           ///< config: print this value only

  int items = 3;            ///< intents: nearest items of each
  int top = 0;              ///< intents: rows shown; 0: as many as suit a terminal or a file
  std::string by = "lift";  ///< intents: what makes an item near, lift or score

  std::vector<std::string> runs;  ///< compare, report: run folders
  ComparisonChoice compare;
  std::string out;  ///< report: the page; empty: report.html in the first run's folder

  std::string shell;                           ///< completion: bash or zsh
  CompletionList list = CompletionList::none;  ///< completion: print words for the script instead
  std::string manuals;                         ///< completion: write the manual pages into this folder instead

  std::vector<std::string>
      overruled;  ///< variables of the environment, as NAME=value, that the launcher has set otherwise
};

}  // namespace latentcrs

/// The core library's one entry point: runs a command and returns the process exit code. No exception leaves it.
extern "C" int latentcrs_core_run(const latentcrs::Invocation* invocation);
