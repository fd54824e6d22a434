#include "experiment/pipeline/pipeline.h"

#include <fmt/chrono.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/interrupt.h"
#include "base/util/log.h"
#include "experiment/pipeline/check_before_run.h"
#include "experiment/pipeline/join_processes.h"
#include "experiment/pipeline/runnable.h"
#include "experiment/pipeline/stage_runner.h"
#include "experiment/pipeline/summary.h"
#include "experiment/report/run_headline.h"
#include "experiment/run/version.h"
#include "experiment/stages/device.h"
#include "experiment/stages/made_with.h"
#include "experiment/stages/stage_table.h"

namespace latentcrs {

namespace {

/// Writes the resolved config and the record of the machine, which tell two runs apart beside the manifests.
void write_run_record(const LoadedConfig& loaded, const StageContext& context) {
  write_file_atomically(context.folder.root() / "config.yaml", to_yaml(loaded, Origins::as_comments));
  nlohmann::json record = made_with(context.config, context.device);
  record["seed"] = context.config.random_seed;
  record["config_file"] = loaded.file.string();
  record["time"] = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  write_file_atomically(context.folder.root() / "run.json", record.dump(2) + "\n");
}

std::vector<std::string> names_of(const std::vector<Stage>& table) {
  std::vector<std::string> names;
  for (const Stage& stage : table) names.push_back(stage.info.name);
  return names;
}

std::string shown(const fs::path& path) {
  const fs::path relative = path.lexically_relative(fs::current_path());
  return relative.empty() || *relative.begin() == ".." ? path.string() : relative.string();
}

/// Prints the tables of the last stage that has any.
void print_tables(const RunFolder& folder, const std::vector<std::string>& stages) {
  const auto has_tables = [&](const std::string& stage) { return fs::exists(folder.stage(stage) / "summary.md"); };
  const auto last = std::find_if(stages.rbegin(), stages.rend(), has_tables);
  if (last != stages.rend()) fmt::print("\n{}", read_file(folder.stage(*last) / "summary.md"));
}

/// Prints the end of a run on standard output: a few lines for a whole run, the tables for a stage.
void print_result(const StageContext& context, const StagePlan& plan, const RunFlags& flags) {
  if (!flags.whole || flags.tables) print_tables(context.folder, plan.runnable);
  if (flags.whole)
    fmt::print("\n{}", run_headline({.folder = shown(context.folder.root()),
                                     .dataset = context.config.datasets.dataset_name,
                                     .seed = context.config.random_seed,
                                     .evaluate = context.config.evaluate,
                                     .command = flags.whole->words,
                                     .same = flags.whole->same,
                                     .not_run = plan.blocked_text()}));
  else
    fmt::print("\nEverything is in {}\n", shown(context.folder.root() / "summary.md"));
}

/// What process 0 alone keeps of a run while its stages are made: the lock, the record and the log. The others have
/// logs of their own.
class OpenRun {
 public:
  OpenRun(const LoadedConfig& loaded, const StageContext& context) {
    const fs::path root = context.folder.root();
    Processes& processes = Processes::current();
    if (processes.leads()) {
      fs::create_directories(root);
      lock_.emplace(root);
      remove_leftovers(root);
      write_run_record(loaded, context);
    }
    check_folder_is_shared(processes, root);
    log::add_file(root / (processes.leads() ? "run.log" : fmt::format("log.{}", processes.rank())));
  }

 private:
  std::optional<FolderLock> lock_;
};

void run_in_folder(const std::vector<Stage>& table, const LoadedConfig& loaded, const StageContext& context,
                   const StagePlan& plan, const RunFlags& flags) {
  const OpenRun open(loaded, context);
  log::info("latentcrs {}, {}, seed {}, run folder {}", version_string(), context.device.str(),
            context.config.random_seed, context.config.output_dir);
  if (!plan.blocked.empty()) log::info("this run makes {}; {}", fmt::join(plan.runnable, ", "), plan.blocked_text());
  const bool leads = Processes::current().leads();
  const std::vector<std::string> all = names_of(table);
  for (const Stage& stage : table) {
    if (std::find(plan.runnable.begin(), plan.runnable.end(), stage.info.name) == plan.runnable.end()) continue;
    const StageOutcome outcome = bring_up_to_date(stage, context, flags);
    if (outcome.answers_to_come > 0) {
      log::info(
          "{}: {} answers are still to come from the batch jobs; the same command goes on with them, with "
          "--detach as far as it gets, without it to the end",
          stage.info.name, outcome.answers_to_come);
      return;
    }
    if (leads) collect_metrics(context.folder.root(), all);
  }
  if (!leads) return;
  write_summary(context.folder.root(), all);
  print_result(context, plan, flags);
}

}  // namespace

void run_stages(const LoadedConfig& loaded, const std::vector<std::string>& names, const RunFlags& flags) {
  run_stages(all_stages(), loaded, names, flags);
}

void run_stages(const std::vector<Stage>& table, const LoadedConfig& loaded, const std::vector<std::string>& names,
                const RunFlags& flags) {
  set_threads(loaded.config.threads);
  StageContext context = make_context(loaded, choose_device(loaded.config.device));
  context.detach = flags.detach;
  const StagePlan plan = plan_stages(table, context, names);
  if (!plan.blocked.empty() && !flags.whole) throw data_error(plan.blocked_text());
  check_before_run(table, context, plan.runnable);
  const std::unique_ptr<Processes> processes = join_processes(loaded, plan.runnable, context);
  const WorkingTogether together(*processes);
  try {
    run_in_folder(table, loaded, context, plan, flags);
    processes->finish();
  } catch (const std::exception& e) {
    processes->abandon(e.what(), interrupted());
    throw;
  }
}

}  // namespace latentcrs
