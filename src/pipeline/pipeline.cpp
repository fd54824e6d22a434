#include "pipeline/pipeline.h"

#include <fmt/chrono.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <sstream>

#include "pipeline/check_before_run.h"
#include "pipeline/runnable.h"
#include "pipeline/summary.h"
#include "report/made_with.h"
#include "report/run_headline.h"
#include "run/manifest.h"
#include "run/version.h"
#include "stages/device.h"
#include "stages/jobs_left_running.h"
#include "stages/made_with.h"
#include "stages/stage.h"
#include "util/error.h"
#include "util/files.h"
#include "util/interrupt.h"
#include "util/log.h"

namespace latentcrs {

std::vector<Stage> all_stages() {
  return {make_preprocess_stage(), make_pretrain_stage(), make_simulate_stage(),
          make_embed_stage(),      make_train_stage(),    make_evaluate_stage()};
}

namespace {

/// Where a result that others replaced lies.
fs::path superseded(const Manifest& manifest, const fs::path& folder) {
  return folder.parent_path() / "superseded" / (manifest.stage + "-" + manifest.fingerprint().substr(0, 12));
}

/// Whether `folder` holds an interrupted run of `wanted` that can go on.
bool can_go_on(const Manifest& wanted, const fs::path& folder) {
  const auto found = read_manifest(folder);
  return found && !found->complete() && found->fingerprint() == wanted.fingerprint() && has_resume_files(folder);
}

/// Makes `folder` the place to make `wanted` in: keeps what an interrupted run of the same left there, moves a result
/// of other settings, finished or able to go on, to superseded/, and brings the wanted one back from there.
void prepare_folder(const Manifest& wanted, const fs::path& folder, const RunFlags& flags) {
  const auto found = read_manifest(folder);
  const bool same = found && found->fingerprint() == wanted.fingerprint();
  if (found && !same && (found->complete() || has_resume_files(folder))) {
    const fs::path aside = superseded(*found, folder);
    fs::remove_all(aside);
    fs::create_directories(aside.parent_path());
    fs::rename(folder, aside);
    log::info("{}: the earlier result was moved to {}", wanted.stage, aside.string());
  } else if (flags.force || !same || found->complete()) {
    // Finished but damaged: begin again, or a trainer would resume from its last epoch.
    fs::remove_all(folder);
  }
  const fs::path earlier = superseded(wanted, folder);
  if (flags.force) {
    fs::remove_all(earlier);  // or it would come back in place of what is made now
  } else if (why_stale(wanted, earlier).empty() || (!same && can_go_on(wanted, earlier))) {
    fs::remove_all(folder);
    fs::rename(earlier, folder);
    log::info("{}: begun or made before with these settings, taken back from superseded/", wanted.stage);
    return;
  }
  fs::create_directories(folder);
  write_manifest(wanted, folder);
}

/// Makes a finished stage an interrupted one that goes on with what it lacks, if it lacks anything: how many answers.
size_t reopen(const Stage& stage, const Manifest& manifest, const StageContext& context) {
  const size_t lacking = stage.retry ? stage.retry(context) : 0;
  if (lacking > 0) write_manifest(manifest, context.folder.stage(stage.name));
  return lacking;
}

/// An interrupted stage goes on with the bits it has, which another machine or build may have made.
void say_if_begun_elsewhere(const Manifest& wanted, const fs::path& folder) {
  if (!can_go_on(wanted, folder)) return;
  const auto made = differences(read_manifest(folder)->made_with, wanted.made_with);
  if (!made.empty())
    log::warn("{}: goes on with what was begun with {}: the result is not the one of an uninterrupted run, bit for bit",
              wanted.stage, fmt::join(made, "; "));
}

/// One reason in the line itself, several below it.
void say_why(const Stage& stage, const std::string& reasons) {
  if (reasons.find('\n') == std::string::npos) {
    log::info("{}: making {} ({})", stage.name, stage.makes, reasons);
    return;
  }
  log::info("{}: making {}, because", stage.name, stage.makes);
  std::istringstream lines(reasons);
  for (std::string line; std::getline(lines, line);) log::info("  {}", line);
}

void run_stage(const Stage& stage, const StageContext& context, const RunFlags& flags) {
  throw_if_interrupted();
  const fs::path folder = context.folder.stage(stage.name);
  Manifest manifest = describe_stage(stage, context);
  say_if_begun_elsewhere(manifest, folder);
  std::string reason = why_stale(manifest, folder);
  if (reason.empty() && !flags.force) {
    const size_t again = flags.retry ? reopen(stage, manifest, context) : 0;
    if (again == 0) {
      log::info("{}: up to date", stage.name);
      return;
    }
    reason = fmt::format("--retry: {} answers are wanted again", again);
  } else {
    if (reason.empty()) reason = "--force";
    prepare_folder(manifest, folder, flags);
    if (!flags.force && why_stale(manifest, folder).empty()) return;
  }
  say_why(stage, reason);

  const auto start = std::chrono::steady_clock::now();
  stage.run(context);
  manifest.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  manifest.outputs = stamp_outputs(folder);
  write_manifest(manifest, folder);
  remove_resume_files(folder);
  log::info("{}: done in {:.1f} s", stage.name, manifest.seconds);
}

/// What a stranger needs to tell two runs apart, beside the manifests: the resolved config and the machine's part.
void write_run_record(const LoadedConfig& loaded, const StageContext& context) {
  write_file_atomically(context.folder.root() / "config.yaml", to_yaml(loaded, /*with_origin=*/true));
  nlohmann::json record = made_with(context.config, context.device);
  record["seed"] = context.config.random_seed;
  record["config_file"] = loaded.file.string();
  record["time"] = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  write_file_atomically(context.folder.root() / "run.json", record.dump(2) + "\n");
}

std::string shown(const fs::path& path) {
  const fs::path relative = path.lexically_relative(fs::current_path());
  return relative.empty() || *relative.begin() == ".." ? path.string() : relative.string();
}

/// The tables of the last of the stages that has any, on standard output.
void print_tables(const RunFolder& folder, const std::vector<std::string>& stages) {
  const auto has_tables = [&](const std::string& stage) { return fs::exists(folder.stage(stage) / "summary.md"); };
  const auto last = std::find_if(stages.rbegin(), stages.rend(), has_tables);
  if (last != stages.rend()) fmt::print("\n{}", read_file(folder.stage(*last) / "summary.md"));
}

/// What the user came for, on standard output: of a whole run a few lines, of a stage its tables.
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

}  // namespace

std::vector<std::string> stage_names() {
  std::vector<std::string> names;
  for (const Stage& stage : all_stages()) names.push_back(stage.name);
  return names;
}

void run_stages(const LoadedConfig& loaded, const std::vector<std::string>& names, const RunFlags& flags) {
  const Config& config = loaded.config;
  set_threads(config.threads);
  StageContext context = make_context(loaded, choose_device(config.device));
  context.detach = flags.detach;
  const StagePlan plan = plan_stages(context, names);
  if (!plan.blocked.empty() && !flags.whole) throw data_error(plan.blocked_text());
  check_before_run(context, plan.runnable);
  fs::create_directories(context.folder.root());
  const FolderLock lock(context.folder.root());
  remove_leftovers(context.folder.root());
  log::add_file(context.folder.root() / "run.log");
  write_run_record(loaded, context);
  log::info("latentcrs {}, {}, seed {}, run folder {}", version_string(), context.device.str(), config.random_seed,
            config.output_dir);
  if (!plan.blocked.empty()) log::info("this run makes {}; {}", fmt::join(plan.runnable, ", "), plan.blocked_text());

  for (const Stage& stage : all_stages()) {
    if (std::find(plan.runnable.begin(), plan.runnable.end(), stage.name) == plan.runnable.end()) continue;
    try {
      run_stage(stage, context, flags);
    } catch (const JobsLeftRunning& left) {
      log::info(
          "{}: {} answers are still to come from the batch jobs; the same command goes on with them, with "
          "--detach as far as it gets, without it to the end",
          stage.name, left.answers_to_come);
      return;
    }
    collect_metrics(context.folder.root(), stage_names());
  }
  write_summary(context.folder.root(), stage_names());
  print_result(context, plan, flags);
}

}  // namespace latentcrs
