// The output files of a batch job, joined to the questions of its input.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "language/llm/batch_service.h"
#include "language/transport/request_cache.h"

namespace latentcrs {

/// BatchRow::failure of a task without a row.
inline constexpr std::string_view kNoRow = "no row in the job's output";
/// BatchRow::failure of a task all of whose rows repeat another question.
inline constexpr std::string_view kAnothersRow = "its row answers another question";

/// How many tasks were answered, and how many rows could not be used.
struct BatchCounts {
  size_t answered = 0;
  size_t failed = 0;      ///< rows with an error
  size_t missing = 0;     ///< tasks without a usable row
  size_t repeated = 0;    ///< further rows of an answered task, ignored
  size_t foreign = 0;     ///< rows with an id that belongs to no task
  size_t mismatched = 0;  ///< rows that repeat another question than that of their id; ignored
  size_t unreadable = 0;  ///< lines that are not JSON
  size_t strangers = 0;   ///< files with lines, none of which is a row of a task
};

/// Joins rows to tasks by key, whatever their order. A reply goes before a failure, the first reply before a second
/// one. Stores replies in `cache`, and puts the failures of the other tasks into `failures`.
BatchCounts collect_rows(const BatchService& service, const std::vector<BatchTask>& tasks,
                         const std::vector<std::filesystem::path>& files, RequestCache& cache,
                         std::map<std::string, BatchRow>& failures);

}  // namespace latentcrs
