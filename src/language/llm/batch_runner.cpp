#include "language/llm/batch_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/log.h"
#include "language/llm/batch_rows.h"

namespace latentcrs {

namespace {

using nlohmann::json;

constexpr const char* kStepNames[] = {"planned", "uploaded",   "submitting", "submitted",
                                      "ended",   "downloaded", "collected"};  // in the order of BatchRunner::Step

std::string described(const BatchStatus& status) {
  return status.progress.empty() ? status.state : fmt::format("{}, {}", status.state, status.progress);
}

}  // namespace

/// The steps of a job, in order. A state file names the step that is done. `submitting` alone is written before the
/// service is asked, because from then on a job may exist and must be looked for.
enum class BatchRunner::Step { planned, uploaded, submitting, submitted, ended, downloaded, collected };

struct BatchRunner::Job {
  std::filesystem::path folder;
  Step step = Step::planned;
  std::string input;  ///< the place where the service finds the input
  std::string name;   ///< as the service calls the job
  BatchStatus status;
  std::vector<std::filesystem::path> files;  ///< downloaded
  std::map<std::string, BatchRow> failures;  ///< of this process
  size_t answered = 0;                       ///< rows that came with an answer

  std::string id() const { return folder.filename().string(); }
};

BatchRunner::BatchRunner(BatchService& service, RequestCache& cache, Clock& clock, BatchOptions options,
                         fs::path folder)
    : service_(service), cache_(cache), clock_(clock), options_(std::move(options)), folder_(std::move(folder)) {
  std::error_code failure;
  fs::create_directories(folder_, failure);
  lock_ = FileLock::try_take(folder_ / "lock");
  if (!lock_)
    throw data_error(fmt::format("{}: another process runs batch jobs there; wait for it, or use another cache folder",
                                 folder_.string()));
}

BatchRunner::~BatchRunner() = default;

void BatchRunner::save(const Job& job, Step step) {
  json files = json::array();
  for (const auto& file : job.files) files.push_back(file.filename().string());
  const json state = {{"step", kStepNames[static_cast<size_t>(step)]},
                      {"input", job.input},
                      {"job", job.name},
                      {"state", job.status.state},
                      {"failure", job.status.failure},
                      {"again", job.status.again},
                      {"outputs", job.status.outputs},
                      {"files", files}};
  write_file_atomically(job.folder / "state.json", state.dump(2) + "\n");
}

std::vector<BatchRunner::Job> BatchRunner::plan(const std::vector<BatchTask>& tasks) {
  std::vector<Job> jobs;
  const auto max_bytes = static_cast<size_t>(options_.max_megabytes * 1e6);
  for (size_t begin = 0; begin < tasks.size();) {
    std::string lines, keys;
    size_t end = begin;
    for (; end < tasks.size() && end - begin < static_cast<size_t>(options_.max_requests); ++end) {
      const std::string line = service_.input_line(tasks[end]).dump() + "\n";
      if (end > begin && lines.size() + line.size() > max_bytes) break;
      lines += line;
      keys += tasks[end].key;
    }
    begin = end;
    Job job;
    const std::string stem = fmt::format("latentcrs-{}-{:.0f}", sha256(keys).substr(0, 12), clock_.now());
    for (int n = 0; n == 0 || fs::exists(job.folder); ++n) job.folder = folder_ / fmt::format("{}-{}", stem, n);
    write_file_atomically(job.folder / "input.jsonl", lines);
    save(job, job.step = Step::planned);
    jobs.push_back(std::move(job));
  }
  return jobs;
}

/// Submits a job, or finds the one that was submitted and whose name was lost on the way. Returns its name.
std::string BatchRunner::create(const Job& job) {
  constexpr int tries = 3;
  constexpr double listing_delay = 20;  // seconds until a new job shows up for certain
  bool may_exist = job.step == Step::submitting;
  for (int i = 0; i < tries; ++i) {
    if (may_exist) {
      if (const auto name = service_.find(job.id())) return *name;
      clock_.sleep(listing_delay);
      if (const auto name = service_.find(job.id())) return *name;
    }
    if (const auto name = service_.submit(job.id(), job.input)) return *name;
    may_exist = true;
  }
  if (const auto name = service_.find(job.id())) return *name;
  throw Error(ErrorKind::remote,
              fmt::format("batch job {}: the service does not confirm it; run again to look for it", job.id()));
}

/// Looks at a job once.
bool BatchRunner::has_ended(Job& job) {
  try {
    job.status = service_.status(job.name, job.id());
  } catch (const Error& error) {
    throw Error(error.kind(),
                fmt::format("{}; the job may go on without us: run again to go on with it, or remove {} to forget it",
                            error.what(), job.folder.string()));
  }
  return job.status.ended;
}

void BatchRunner::download(Job& job) {
  try {
    job.files = service_.download(job.status.outputs, job.folder);
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("{}; run again to fetch it again, or remove {} to forget the job",
                                          error.what(), job.folder.string()));
  }
}

void BatchRunner::wait(Job& job) {
  constexpr double growth = 1.25;
  std::string shown;
  for (double interval = options_.poll_interval; !has_ended(job);) {
    if (const std::string now = described(job.status); now != shown)
      log::info("batch job {}: {}", job.id(), shown = now);
    clock_.sleep(interval);
    interval = std::max(interval, std::min(interval * growth, options_.max_poll_interval));
  }
  log::info("batch job {}: {}{}{}", job.id(), job.status.state, job.status.failure.empty() ? "" : ": ",
            job.status.failure);
}

std::vector<BatchTask> BatchRunner::tasks_of(const Job& job) {
  std::vector<BatchTask> tasks;
  LineReader lines(job.folder / "input.jsonl");
  for (std::string_view line; lines.next(line);) tasks.push_back(service_.read_input_line(json::parse(line)));
  return tasks;
}

void BatchRunner::collect(Job& job) {
  const std::vector<BatchTask> tasks = tasks_of(job);
  const BatchCounts counts = collect_rows(service_, tasks, job.files, cache_, job.failures);
  job.answered = counts.answered;
  const bool nothing_at_all = job.files.empty() && job.status.failure.empty();
  if (counts.strangers > 0 || nothing_at_all) {
    // An error page came in place of the output. Taking it for a job without answers would pay for them again.
    save(job, job.step = Step::submitted);
    throw Error(
        ErrorKind::remote,
        fmt::format("batch job {} ({}): {}; run again to fetch it again, or remove {} to forget the job", job.id(),
                    job.name, nothing_at_all ? "it is done, but has no output" : "what was fetched holds no row of it",
                    job.folder.string()));
  }
  if (!job.status.failure.empty())
    for (auto& [key, row] : job.failures)
      if (row.failure == kNoRow) row.failure = fmt::format("{}: {}", job.status.state, job.status.failure);
  log::info("batch job {}: {} of {} answered, {} failed, {} missing", job.id(), counts.answered, tasks.size(),
            counts.failed, counts.missing);
  if (counts.repeated + counts.foreign + counts.mismatched + counts.unreadable > 0)
    log::warn(
        "batch job {}: ignored {} repeated rows, {} with unknown ids, {} whose question is another's, {} that are no "
        "JSON",
        job.id(), counts.repeated, counts.foreign, counts.mismatched, counts.unreadable);
}

void BatchRunner::advance(Job& job, Step until) {
  const auto reach = [&](Step step) { save(job, job.step = step); };
  while (job.step < until) {
    switch (job.step) {
      case Step::planned:
        job.input = service_.upload(job.folder / "input.jsonl", job.id());
        reach(Step::uploaded);
        break;
      case Step::uploaded:
      case Step::submitting:
        save(job, Step::submitting);
        job.name = create(job);
        reach(Step::submitted);
        log::info("batch job {}: submitted as {}", job.id(), job.name);
        break;
      case Step::submitted:
        wait(job);
        reach(Step::ended);
        break;
      case Step::ended:
        download(job);
        reach(Step::downloaded);
        break;
      case Step::downloaded:
        collect(job);
        reach(Step::collected);
        break;
      case Step::collected: throw internal_error(fmt::format("batch job {}: nothing comes after collected", job.id()));
    }
  }
}

BatchRunner::Job BatchRunner::load(const fs::path& folder) {
  const fs::path file = folder / "state.json";
  const json state = json::parse(read_file(file), nullptr, false);
  const std::string name = state.is_object() ? state.value("step", "") : "";
  const auto* const step = std::find(std::begin(kStepNames), std::end(kStepNames), name);
  if (step == std::end(kStepNames))
    throw data_error(
        fmt::format("{}: not the state of a batch job; remove its folder if it is not needed", file.string()));
  Job job;
  job.folder = folder;
  job.step = static_cast<Step>(step - kStepNames);
  job.input = state.at("input");
  job.name = state.at("job");
  job.status = {.ended = true,
                .state = state.at("state"),
                .failure = state.at("failure"),
                .again = state.at("again"),
                .outputs = state.at("outputs")};
  for (const json& output : state.at("files")) job.files.push_back(folder / output.get<std::string>());
  return job;
}

OpenJobs BatchRunner::finish_open_jobs(Until until) {
  std::vector<Job> open;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (!fs::exists(entry.path() / "state.json")) continue;  // the run was killed before it sent anything
    if (Job job = load(entry.path()); job.step != Step::collected) open.push_back(std::move(job));
  }
  std::sort(open.begin(), open.end(), [](const Job& a, const Job& b) { return a.folder < b.folder; });
  // All jobs are submitted before the first one is waited for.
  for (Job& job : open) {
    log::info("batch job {}: goes on after '{}'", job.id(), kStepNames[static_cast<size_t>(job.step)]);
    if (job.step < Step::submitted) advance(job, Step::submitted);
  }
  OpenJobs result;
  std::vector<Job> ended;
  for (Job& job : open) {
    if (until == Until::submitted && job.step == Step::submitted && !has_ended(job)) {
      log::info("batch job {}: {}", job.id(), described(job.status));
      for (const BatchTask& task : tasks_of(job)) result.running.insert(task.key);
      continue;
    }
    advance(job, Step::collected);
    for (const auto& [key, row] : job.failures) result.failures.insert_or_assign(key, row);
    ended.push_back(std::move(job));
  }
  throw_if_failed(ended);
  return result;
}

void BatchRunner::submit(const std::vector<BatchTask>& tasks) {
  for (Job& job : plan(tasks)) advance(job, Step::submitted);
}

std::map<std::string, BatchRow> BatchRunner::run(std::vector<BatchTask> tasks) {
  constexpr int most_waits = 3;  // in a row, while the service has no room for any job
  const auto crowded_out = [](const Job& job) { return job.status.crowded_out; };
  std::map<std::string, BatchRow> failures;
  for (int round = 0, waits = 0; round < options_.max_rounds && !tasks.empty();) {
    auto jobs = plan(tasks);
    for (Job& job : jobs) advance(job, Step::submitted);
    size_t answered = 0;
    for (Job& job : jobs) {
      advance(job, Step::collected);
      answered += job.answered;
      for (const auto& [key, row] : job.failures) failures.insert_or_assign(key, row);
    }
    throw_if_failed(jobs);
    std::erase_if(failures, [&](const auto& entry) { return cache_.find(entry.first).has_value(); });
    std::erase_if(tasks, [&](const BatchTask& task) {
      const auto failure = failures.find(task.key);
      return failure == failures.end() || !failure->second.temporary;
    });
    // A round in which the service had no room for some jobs does not count, as long as it answered others.
    const auto without_room = std::count_if(jobs.begin(), jobs.end(), crowded_out);
    const bool no_room = without_room == static_cast<ptrdiff_t>(jobs.size());
    waits = no_room ? waits + 1 : 0;
    if (waits > most_waits)
      throw Error(
          ErrorKind::remote,
          fmt::format("batch job {}: {}; the service has no room for it: set simulate.batch.max_requests lower, "
                      "or run again when its other jobs have ended",
                      jobs.front().id(), jobs.front().status.failure));
    if (without_room > 0)
      log::info("batch jobs: the service had no room for {} of {}; they are submitted again", without_room,
                jobs.size());
    if (no_room) clock_.sleep(options_.max_poll_interval);
    if (without_room == 0 || (answered == 0 && !no_room)) ++round;
  }
  return failures;
}

void BatchRunner::throw_if_failed(const std::vector<Job>& jobs) {
  size_t answered = 0;
  for (const Job& job : jobs) answered += job.answered;
  const std::string kept =
      answered == 0 ? "no answer came" : fmt::format("the {} answers it gave are in the cache", answered);
  for (const Job& job : jobs) {
    if (!job.status.failure.empty() && !job.status.again)
      throw Error(ErrorKind::remote, fmt::format("batch job {} ({}): {}: {}; {}", job.id(), job.name, job.status.state,
                                                 job.status.failure, kept));
    for (const auto& [key, row] : job.failures)
      if (row.hopeless)
        throw Error(ErrorKind::remote,
                    fmt::format("batch job {} ({}): {}: the service has switched this account off; {}", job.id(),
                                job.name, row.failure, kept));
  }
}

}  // namespace latentcrs
