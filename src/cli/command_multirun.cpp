#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <optional>

#include "cli/core.h"
#include "cli/report_error.h"
#include "latentcrs/pipeline/pipeline.h"
#include "latentcrs/pipeline/summary.h"
#include "latentcrs/util/error.h"
#include "latentcrs/util/files.h"
#include "latentcrs/util/log.h"
#include "latentcrs/util/table.h"

namespace latentcrs {

namespace {

/// multirun/2025-03-13/09-26-53, as Hydra names it.
fs::path new_sweep_folder() {
  const std::time_t now = std::time(nullptr);
  std::tm local = {};
  localtime_r(&now, &local);
  return fmt::format("multirun/{:%Y-%m-%d/%H-%M-%S}", local);
}

bool names_output_dir(const std::vector<std::string>& overrides) {
  return std::any_of(overrides.begin(), overrides.end(),
                     [](const std::string& override) { return override.starts_with("output_dir="); });
}

/// Lets a job that starts in the middle of the pipeline use what the run folder of its config already has.
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
  const std::vector<std::string>& stages;
  fs::path folder;
};

fs::path summary_file(const Sweep& sweep) { return sweep.folder / "summary.md"; }

/// The job with its own run folder, unless the user gave one.
Job prepare_job(const Sweep& sweep, const Job& job, size_t number) {
  if (names_output_dir(job.overrides)) return job;
  const fs::path folder = sweep.folder / std::to_string(number);
  link_earlier_stages(job.loaded.config.output_dir, folder, sweep.stages.front());
  std::vector<std::string> overrides = job.overrides;
  overrides.push_back("output_dir=" + folder.string());
  return {overrides, load_config(sweep.invocation.config, overrides)};
}

struct Outcome {
  int exit_code = 0;
  std::optional<Headline> headline;
};

/// A job that fails (diverges, say) does not stop the others; a signal does.
Outcome run_job(const Sweep& sweep, const Job& job) {
  const Config& config = job.loaded.config;
  try {
    run_stages(job.loaded, sweep.stages, run_flags(sweep.invocation, job.overrides));
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

std::vector<std::string> row_of(const Job& job, const LoadedConfig& loaded, const Outcome& outcome) {
  const std::string result = outcome.exit_code != 0 ? fmt::format("failed ({})", outcome.exit_code)
                             : outcome.headline     ? fmt::format("{:.4f}", outcome.headline->value)
                                                    : "done";
  return {loaded.config.output_dir, fmt::format("{}", fmt::join(job.overrides, " ")), result};
}

}  // namespace

int run_sweep(const Invocation& invocation, const std::vector<std::string>& stages) {
  const Sweep sweep{invocation, stages, new_sweep_folder()};
  Table table{"Jobs", {{"run folder", "overrides", "result"}}};
  int exit_code = 0;
  for (size_t i = 0; i < invocation.jobs.size(); ++i) {
    const Job& job = invocation.jobs[i];
    log::info("job {} of {}: {}", i + 1, invocation.jobs.size(), fmt::join(job.overrides, " "));
    const Job prepared = prepare_job(sweep, job, i);
    const Outcome outcome = run_job(sweep, prepared);
    table.rows.push_back(row_of(job, prepared.loaded, outcome));
    if (outcome.headline) table.rows.front().back() = outcome.headline->name;
    if (exit_code == 0) exit_code = outcome.exit_code;
    write_file_atomically(summary_file(sweep), table.to_markdown());
  }
  fmt::print("\n{}\nThis table is in {}\n", table.to_text(), summary_file(sweep).string());
  return exit_code;
}

}  // namespace latentcrs
