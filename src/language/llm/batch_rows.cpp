#include "language/llm/batch_rows.h"

#include <unordered_map>
#include <utility>

#include "base/util/files.h"
#include "base/util/json_depth.h"

namespace latentcrs {

BatchCounts collect_rows(const BatchService& service, const std::vector<BatchTask>& tasks,
                         const std::vector<std::filesystem::path>& files, RequestCache& cache,
                         std::map<std::string, BatchRow>& failures) {
  BatchCounts counts;
  enum class Seen { nothing, mismatch, failure, reply };
  std::unordered_map<std::string, std::pair<const BatchTask*, Seen>> by_key;
  for (const BatchTask& task : tasks) by_key[task.key] = {&task, Seen::nothing};

  const auto take = [&](BatchRow row) {
    const auto found = by_key.find(row.key);
    if (found == by_key.end()) {
      ++counts.foreign;
      return;
    }
    auto& [task, seen] = found->second;
    if (!row.question.empty() && row.question != service.question_text(task->body)) {
      ++counts.mismatched;
      if (seen == Seen::nothing) seen = Seen::mismatch;
    } else if (seen == Seen::reply) {
      ++counts.repeated;
    } else if (row.reply) {
      cache.store(row.key, *row.reply);
      seen = Seen::reply;
      failures.erase(row.key);
    } else {
      seen = Seen::failure;
      failures[row.key] = std::move(row);
    }
  };
  for (const auto& file : files) {
    const size_t not_ours = counts.foreign + counts.unreadable;
    size_t all = 0;
    LineReader lines(file);
    for (std::string_view line; lines.next(line);) {
      all += line.empty() ? 0 : 1;
      const auto row = is_nested_too_deeply(line) ? nlohmann::json() : nlohmann::json::parse(line, nullptr, false);
      if (row.is_object())
        take(service.read_output_line(row));
      else if (!line.empty())
        ++counts.unreadable;
    }
    if (all > 0 && counts.foreign + counts.unreadable - not_ours == all) ++counts.strangers;
  }

  for (const BatchTask& task : tasks) {
    const Seen seen = by_key.at(task.key).second;
    ++(seen == Seen::reply ? counts.answered : seen == Seen::failure ? counts.failed : counts.missing);
    if (seen == Seen::nothing || seen == Seen::mismatch)
      failures[task.key] = {
          .key = task.key, .failure = std::string(seen == Seen::nothing ? kNoRow : kAnothersRow), .temporary = true};
  }
  return counts;
}

}  // namespace latentcrs
