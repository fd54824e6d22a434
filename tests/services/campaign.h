// Requests under faults and kills: real processes are killed without warning and work against servers that answer as
// badly as servers can, until every question has its answer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace latentcrs::test {

struct CampaignOptions {
  std::vector<std::string> worker;  ///< program and arguments of a process that calls campaign_worker()
  std::filesystem::path folder;     ///< for the caches, job states and logs of all ways
  std::vector<std::string> ways = {"gemini", "vertex", "openai", "gemini_batch", "vertex_batch", "openai_batch"};
  size_t requests = 50;       ///< of each way
  size_t kills = 3;           ///< of each way, at most: a run that has ended cannot be killed
  double longest_life = 0.3;  ///< seconds until a kill, at most
  size_t job_size = 20;       ///< requests of a batch job, at most
  size_t text_size = 0;       ///< bytes added to each question
  uint64_t seed = 1;
};

struct CampaignResult {
  std::string way;
  size_t requests = 0;
  size_t exchanges = 0;  ///< HTTP requests that the servers saw
  size_t faults = 0;     ///< of these, answered badly
  size_t bad_rows = 0;   ///< of job outputs: missing, failed, garbled, swapped
  size_t kills = 0;
  size_t jobs = 0;
  size_t stored = 0;  ///< lines of the cache
  size_t right = 0;   ///< answers found there that are those of their questions
  /// Good answers that were given more than once. By jobs there must be 0 of them. Directly, an answer under way is
  /// lost when the process is killed, and one that waits to be stored, so there may be 2 `concurrency` per kill.
  size_t repeated = 0;
  size_t most_repeated = 0;             ///< the limit of that
  std::vector<std::string> leaks = {};  ///< files in which a secret was found
  double seconds = 0;

  bool passed() const { return stored == requests && right == requests && repeated <= most_repeated && leaks.empty(); }
};

/// Returns one result for each kind of service. Throws std::runtime_error if a worker fails for a reason that is not
/// the service's fault, or does not end.
std::vector<CampaignResult> run_campaign(const CampaignOptions& options);

/// Whether run_campaign() started this process.
bool is_campaign_worker();
/// The worker process: asks the questions that the variable LATENTCRS_CAMPAIGN describes, and returns its exit code.
int campaign_worker();

}  // namespace latentcrs::test
