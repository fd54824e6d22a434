#include "experiment/pipeline/stage_runner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <filesystem>
#include <sstream>
#include <string>

#include "base/util/files.h"
#include "base/util/interrupt.h"
#include "base/util/log.h"
#include "base/util/profile.h"
#include "experiment/report/made_with.h"
#include "experiment/run/manifest.h"
#include "numerics/parallel/processes.h"

namespace latentcrs {

namespace {

/// The folder that a result is moved to when others replace it.
fs::path superseded(const Manifest& manifest, const fs::path& folder) {
  return folder.parent_path() / "superseded" / (manifest.stage + "-" + manifest.fingerprint().substr(0, 12));
}

/// Whether `folder` holds an interrupted run of `wanted` that can go on.
bool can_go_on(const Manifest& wanted, const fs::path& folder) {
  const auto found = read_manifest(folder);
  return found && !found->complete() && found->fingerprint() == wanted.fingerprint() && has_resume_files(folder);
}

/// Prepares `folder` for making `wanted`: keeps the files of an interrupted run with the same settings, moves a result
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
    fs::remove_all(earlier);  // or it would come back in place of the new result
  } else if (why_stale(wanted, earlier).empty() || (!same && can_go_on(wanted, earlier))) {
    fs::remove_all(folder);
    fs::rename(earlier, folder);
    log::info("{}: begun or made before with these settings, taken back from superseded/", wanted.stage);
    return;
  }
  fs::create_directories(folder);
  write_manifest(wanted, folder);
}

/// Turns a finished stage that lacks answers into an interrupted one, which goes on with asking for them. Returns their
/// number.
size_t reopen(const Stage& stage, const Manifest& manifest, const StageContext& context) {
  const size_t lacking = stage.retry ? stage.retry(context) : 0;
  if (lacking > 0) write_manifest(manifest, context.folder.stage(stage.info.name));
  return lacking;
}

/// Warns that an interrupted stage goes on with bits that another machine or build has made.
void say_if_begun_elsewhere(const Manifest& wanted, const fs::path& folder) {
  if (!can_go_on(wanted, folder)) return;
  const auto made = differences(read_manifest(folder)->made_with, wanted.made_with);
  if (!made.empty())
    log::warn("{}: goes on with what was begun with {}: the result is not the one of an uninterrupted run, bit for bit",
              wanted.stage, fmt::join(made, "; "));
}

/// Logs one reason in the line itself, several below it.
void say_why(const Stage& stage, const std::string& reasons) {
  if (reasons.find('\n') == std::string::npos) {
    log::info("{}: making {} ({})", stage.info.name, stage.info.makes, reasons);
    return;
  }
  log::info("{}: making {}, because", stage.info.name, stage.info.makes);
  std::istringstream lines(reasons);
  for (std::string line; std::getline(lines, line);) log::info("  {}", line);
}

/// Logs the parts of a stage, and writes them and the trace of its calls.
void write_profile(const profile::Recording& recording, const fs::path& folder) {
  write_file_atomically(folder / "profile.json", profile::to_json(recording));
  write_file_atomically(folder / "trace.json", profile::to_trace(recording));
  std::istringstream lines(profile::to_table(recording).to_text());
  for (std::string line; std::getline(lines, line);) log::info("{}", line);
  log::info("open {} in ui.perfetto.dev", (folder / "trace.json").string());
}

/// Stages that compute with tensors are the work of all processes, the others of process 0. The outcome is process 0's
/// in all processes.
StageOutcome run_stage(const Stage& stage, const StageContext& context) {
  Processes& processes = Processes::current();
  StageOutcome outcome;
  if (stage.info.computes == Computes::with_tensors) {
    outcome = stage.run(context);
  } else if (processes.leads()) {
    const WorkingTogether by_itself(Processes::alone());
    outcome = stage.run(context);
  }
  outcome.answers_to_come = std::stoull(processes.from_leader(std::to_string(outcome.answers_to_come)));
  return outcome;
}

/// The profile is process 0's.
StageOutcome run_profiled(const Stage& stage, const StageContext& context) {
  profile::Recorder recorder(stage.info.name.c_str());
  const StageOutcome outcome = run_stage(stage, context);
  const profile::Recording recording = recorder.finish();
  if (Processes::current().leads()) write_profile(recording, context.folder.root() / "profile" / stage.info.name);
  return outcome;
}

/// Runs the stage in its prepared folder, and completes the manifest if it finishes.
StageOutcome make_result(const Stage& stage, const StageContext& context, Manifest manifest, const RunFlags& flags) {
  const fs::path folder = context.folder.stage(stage.info.name);
  const auto start = std::chrono::steady_clock::now();
  const StageOutcome outcome = flags.profile ? run_profiled(stage, context) : run_stage(stage, context);
  if (outcome.answers_to_come > 0 || !Processes::current().leads()) return outcome;
  manifest.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  manifest.outputs = stamp_outputs(folder);
  write_manifest(manifest, folder);
  remove_resume_files(folder);
  log::info("{}: done in {:.1f} s", stage.info.name, manifest.seconds);
  return outcome;
}

/// Prepares the folder for making the stage, and says why it is made. False: it is up to date.
bool begin_stage(const Stage& stage, const StageContext& context, const Manifest& manifest, const RunFlags& flags) {
  const fs::path folder = context.folder.stage(stage.info.name);
  say_if_begun_elsewhere(manifest, folder);
  std::string reason = why_stale(manifest, folder);
  if (reason.empty() && !flags.force) {
    const size_t again = flags.retry ? reopen(stage, manifest, context) : 0;
    if (again == 0) {
      log::info("{}: up to date", stage.info.name);
      return false;
    }
    reason = fmt::format("--retry: {} answers are wanted again", again);
  } else {
    if (reason.empty()) reason = "--force";
    prepare_folder(manifest, folder, flags);
    if (!flags.force && why_stale(manifest, folder).empty()) return false;
  }
  say_why(stage, reason);
  return true;
}

}  // namespace

StageOutcome bring_up_to_date(const Stage& stage, const StageContext& context, const RunFlags& flags) {
  throw_if_interrupted();
  Processes& processes = Processes::current();
  const Manifest manifest = processes.leads() ? describe_stage(stage, context) : Manifest();
  const bool makes = processes.leads() && begin_stage(stage, context, manifest, flags);
  if (processes.from_leader(makes ? "make" : "skip") == "skip") return {};
  return make_result(stage, context, manifest, flags);
}

}  // namespace latentcrs
