#include "cli/core/multirun.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <map>
#include <optional>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/log.h"
#include "base/util/table.h"
#include "cli/report_error.h"
#include "experiment/pipeline/pipeline.h"
#include "experiment/pipeline/summary.h"
#include "experiment/report/run_headline.h"
#include "experiment/run/stage_info.h"
#include "numerics/parallel/placement.h"

namespace latentcrs {

namespace {

/// A new folder multirun/2025-03-13/09-26-53, as Hydra names it; with -2, -3, … for further sweeps of that second.
fs::path new_sweep_folder() {
  const std::time_t now = std::time(nullptr);
  std::tm local = {};
  localtime_r(&now, &local);
  const std::string name = fmt::format("multirun/{:%Y-%m-%d/%H-%M-%S}", local);
  fs::create_directories(fs::path(name).parent_path());
  for (int count = 1;; ++count) {
    const fs::path folder = count == 1 ? name : fmt::format("{}-{}", name, count);
    if (fs::create_directory(folder)) return folder;
  }
}

bool names_output_dir(const Job& job) {
  return std::any_of(job.overrides.begin(), job.overrides.end(),
                     [](const std::string& override) { return override_key(override) == "output_dir"; });
}

std::string run_folder_of(const Job& job) { return fs::path(job.loaded.config.output_dir).lexically_normal().string(); }

/// The number of jobs that have each run folder.
std::map<std::string, size_t> count_run_folders(const std::vector<Job>& jobs) {
  std::map<std::string, size_t> counts;
  for (const Job& job : jobs) ++counts[run_folder_of(job)];
  return counts;
}

/// Lets a job that starts in the middle of the pipeline use the earlier results in the run folder of its config.
void link_earlier_stages(const fs::path& from, const fs::path& to, const std::string& first_stage) {
  fs::create_directories(to);
  for (const std::string& stage : stage_names()) {
    if (stage == first_stage) return;
    const fs::path made = fs::absolute(from / stage);
    if (fs::exists(made) && !fs::exists(to / stage)) fs::create_directory_symlink(made, to / stage);
  }
}

struct Sweep {
  const Invocation& invocation;
  const StagesRequest& request;
  std::map<std::string, size_t> run_folders;  ///< the number of jobs that have each
  fs::path folder;
};

fs::path summary_file(const Sweep& sweep) { return sweep.folder / "summary.md"; }

/// The folder of the sweep's table and, unless each job is given one of its own, of the jobs' folders 0, 1, …
fs::path sweep_folder(const std::vector<Job>& jobs, const std::map<std::string, size_t>& run_folders) {
  const bool is_shared = run_folders.size() == 1 && names_output_dir(jobs.front());
  return is_shared ? fs::path(run_folders.begin()->first) : new_sweep_folder();
}

/// The job with a run folder of its own: the one that its overrides give it, if it is the only one there.
Job prepare_job(const Sweep& sweep, const Job& job, size_t number) {
  const bool is_given = names_output_dir(job);
  if (is_given && sweep.run_folders.size() > 1 && sweep.run_folders.at(run_folder_of(job)) == 1) return job;
  const fs::path folder = (is_given ? fs::path(job.loaded.config.output_dir) : sweep.folder) / std::to_string(number);
  link_earlier_stages(job.loaded.config.output_dir, folder, sweep.request.stages.front());
  std::vector<std::string> overrides = job.overrides;
  overrides.push_back(text_override("output_dir", folder.string()));
  return {overrides, load_config(sweep.invocation.config, overrides)};
}

struct JobOutcome {
  int exit_code = 0;
  std::optional<Headline> headline;
};

/// A job that fails (diverges, say) does not stop the others; a signal does.
JobOutcome run_job(const Sweep& sweep, const Job& job) {
  const Config& config = job.loaded.config;
  try {
    run_stages(job.loaded, sweep.request.stages, flags_of_job(sweep.request, sweep.invocation, job));
    return {0, read_headline(config)};
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::interrupted) {
      throw Error(ErrorKind::interrupted, fmt::format("stopped in {}; the jobs that finished are listed in {}",
                                                      config.output_dir, summary_file(sweep).string()));
    }
    return {report_current_exception(), {}};
  } catch (const std::exception&) {
    return {report_current_exception(), {}};
  }
}

std::vector<std::string> row_of(const Job& job, const LoadedConfig& loaded, const JobOutcome& outcome) {
  const std::string result = outcome.exit_code != 0 ? fmt::format("failed ({})", outcome.exit_code)
                             : outcome.headline     ? fmt::format("{:.4f}", outcome.headline->value)
                                                    : "done";
  return {loaded.config.output_dir, fmt::format("{}", fmt::join(job.overrides, " ")), result};
}

}  // namespace

int list_sweep(const Invocation& invocation, const StagesRequest& request) {
  const std::map<std::string, size_t> run_folders = count_run_folders(invocation.jobs);
  const Sweep sweep{invocation, request, run_folders, sweep_folder(invocation.jobs, run_folders)};
  for (size_t i = 0; i < invocation.jobs.size(); ++i) {
    std::string line = fmt::format("latentcrs {} -c {}", invocation.command, shell_word(invocation.config));
    for (const std::string& override : prepare_job(sweep, invocation.jobs[i], i).overrides)
      line += " " + shell_word(override);
    fmt::print("{}\n", line);
  }
  return 0;
}

int run_sweep(const Invocation& invocation, const StagesRequest& request) {
  if (placement_from(launcher_environment).size > 1)
    throw usage_error(
        "several processes were started for a sweep, whose jobs run one after another: start one for each job, whose "
        "commands `--multirun --list` prints");
  if (invocation.jobs.empty()) {
    log::warn("the sweep has no jobs: one of its keys has no values");
    return 0;
  }
  const std::map<std::string, size_t> run_folders = count_run_folders(invocation.jobs);
  const Sweep sweep{invocation, request, run_folders, sweep_folder(invocation.jobs, run_folders)};
  Table table{"Jobs", {{"run folder", "overrides", "result"}}};
  int exit_code = 0;
  for (size_t i = 0; i < invocation.jobs.size(); ++i) {
    const Job& job = invocation.jobs[i];
    log::info("job {} of {}: {}", i + 1, invocation.jobs.size(), fmt::join(job.overrides, " "));
    const Job prepared = prepare_job(sweep, job, i);
    const JobOutcome outcome = run_job(sweep, prepared);
    table.rows.push_back(row_of(job, prepared.loaded, outcome));
    if (outcome.headline) table.rows.front().back() = outcome.headline->name;
    if (exit_code == 0) exit_code = outcome.exit_code;
    write_file_atomically(summary_file(sweep), table.to_markdown());
  }
  fmt::print("\n{}\nThis table is in {}\n", table.to_text(), summary_file(sweep).string());
  return exit_code;
}

}  // namespace latentcrs
