// Batch jobs: a file of questions goes to a service, and hours later a file of answers comes back. A job outlives the
// process: every step is on disk before and after it is taken, so that a run killed at any moment goes on with the same
// job.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/remote_options.h"
#include "transport/clock.h"
#include "transport/request_cache.h"
#include "util/file_lock.h"

namespace latentcrs {

struct BatchTask {
  std::string key;  ///< the answer's place in the cache
  nlohmann::json body;
};

/// One line of an output file.
struct BatchRow {
  std::string key;
  std::optional<nlohmann::json> reply = {};
  std::string failure = {};   ///< why there is no reply
  bool temporary = false;     ///< another try may succeed
  bool hopeless = false;      ///< the account is switched off: no further question will be answered
  std::string question = {};  ///< what the row says was asked, as question_text(); empty if it does not say
};

struct BatchStatus {
  bool ended = false;
  std::string state = {};     ///< the service's word for it
  std::string progress = {};  ///< "120 of 500 done"; empty where the service does not say
  std::string failure = {};   ///< why it did not succeed; empty if it did
  bool again = false;         ///< what it left unanswered is worth another job
  bool crowded_out = false;   ///< nothing was wrong but that the service held too many questions of ours already
  nlohmann::json outputs = {};
};

/// One service's way. Except where stated: done, or an exception.
class BatchService {
 public:
  virtual ~BatchService() = default;
  /// Whether the server knows batch jobs at all.
  virtual bool available() { return true; }
  virtual nlohmann::json input_line(const BatchTask& task) const = 0;
  virtual BatchTask read_input_line(const nlohmann::json& line) const = 0;
  virtual BatchRow read_output_line(const nlohmann::json& line) const = 0;
  /// The words of a question, to compare with what a row says was asked; of no use where rows do not say it.
  virtual std::string question_text(const nlohmann::json& body) const = 0;

  /// Puts the input where the service finds it; again with the same arguments it changes nothing, or leaves a second
  /// copy that nobody uses. Returns that place.
  virtual std::string upload(const std::filesystem::path& input, const std::string& job_id) = 0;
  /// The job's name; nothing if no reply came, so that there may or may not be a job.
  virtual std::optional<std::string> submit(const std::string& job_id, const std::string& input) = 0;
  /// The name of the job submitted as `job_id`, if there is one.
  virtual std::optional<std::string> find(const std::string& job_id) = 0;
  /// `job_id`: as it was submitted; services need not repeat it.
  virtual BatchStatus status(const std::string& name, const std::string& job_id) = 0;
  /// Fetches what `outputs` of the status speaks of into `folder`; the files to read, in order. None is possible.
  virtual std::vector<std::filesystem::path> download(const nlohmann::json& outputs,
                                                      const std::filesystem::path& folder) = 0;
};

/// BatchRow::failure of a task without a row.
inline constexpr std::string_view kNoRow = "no row in the job's output";
/// Of a task whose rows all say that something else was asked.
inline constexpr std::string_view kAnothersRow = "its row answers another question";

/// What came of the rows of a job.
struct BatchCounts {
  size_t answered = 0;
  size_t failed = 0;      ///< rows with an error
  size_t missing = 0;     ///< tasks without a usable row
  size_t repeated = 0;    ///< further rows of an answered task, ignored
  size_t foreign = 0;     ///< rows with an id that is no task's
  size_t mismatched = 0;  ///< rows whose question is not the one of their id: not believed
  size_t unreadable = 0;  ///< lines that are no JSON
  size_t strangers = 0;   ///< files that hold lines, but no row of any task
};

/// Joins rows to tasks by key, whatever their order. A reply goes before a failure, the first reply before a second
/// one. Replies are stored in `cache`; of the others, `failures` gets the reason and whether it is temporary.
BatchCounts collect_rows(const BatchService& service, const std::vector<BatchTask>& tasks,
                         const std::vector<std::filesystem::path>& files, RequestCache& cache,
                         std::map<std::string, BatchRow>& failures);

/// What an earlier run had left open, after finish_open_jobs().
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

  /// Takes the jobs that an earlier run left open to their end: their answers are in the cache then. With
  /// Until::submitted only those that have ended, others are left running. Throws like run().
  OpenJobs finish_open_jobs(Until until = Until::collected);
  /// Submits jobs for `tasks` and leaves them running.
  void submit(const std::vector<BatchTask>& tasks);
  /// Answers `tasks` (no two with the same key, none in the cache): in the cache, or in the result with the reason.
  /// Jobs for which the service had no room are submitted again when the others have ended. Throws Error(remote) if a
  /// job fails as a whole for a reason that another try does not mend.
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
