// Runs batch jobs. A job outlives the process: every step is on disk before and after it is taken, so that a run killed
// at any moment goes on with the same job.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/config/remote_options.h"
#include "base/util/file_lock.h"
#include "language/llm/batch_service.h"
#include "language/transport/clock.h"
#include "language/transport/request_cache.h"

namespace latentcrs {

/// The jobs that an earlier run had left open, after finish_open_jobs().
struct OpenJobs {
  std::map<std::string, BatchRow> failures;  ///< of tasks whose jobs have ended now
  std::set<std::string> running;             ///< keys of tasks whose jobs go on
};

/// Runs jobs in a folder of state files, one process at a time.
class BatchRunner {
 public:
  enum class Until { submitted, collected };

  /// All arguments must outlive it. Throws Error(data) if another process works in `folder`.
  BatchRunner(BatchService& service, RequestCache& cache, Clock& clock, BatchOptions options,
              std::filesystem::path folder);
  ~BatchRunner();

  /// Takes the jobs that an earlier run left open to their end, so that their answers are in the cache. With
  /// Until::submitted, jobs that have not ended are left running. Throws like run().
  OpenJobs finish_open_jobs(Until until = Until::collected);
  /// Submits jobs for `tasks` and leaves them running.
  void submit(const std::vector<BatchTask>& tasks);
  /// Answers `tasks` (no two with the same key, none in the cache). Each is then in the cache, or in the result with
  /// the reason. Jobs for which the service had no room are submitted again when the others have ended. Throws
  /// Error(remote) if a job fails as a whole for a reason that another try does not mend.
  std::map<std::string, BatchRow> run(std::vector<BatchTask> tasks);

 private:
  enum class Step;
  struct Job;
  std::vector<Job> plan(const std::vector<BatchTask>& tasks);
  Job load(const std::filesystem::path& folder);
  std::vector<BatchTask> tasks_of(const Job& job);
  bool has_ended(Job& job);
  void download(Job& job);
  void save(const Job& job, Step step);
  void advance(Job& job, Step until);
  std::string create(const Job& job);
  void wait(Job& job);
  void collect(Job& job);
  static void throw_if_failed(const std::vector<Job>& jobs);

  BatchService& service_;
  RequestCache& cache_;
  Clock& clock_;
  const BatchOptions options_;
  const std::filesystem::path folder_;
  std::optional<FileLock> lock_;
};

}  // namespace latentcrs
