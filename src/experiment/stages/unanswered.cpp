#include "experiment/stages/unanswered.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "base/util/files.h"

namespace latentcrs {

using nlohmann::json;

void write_unanswered(const std::vector<Unanswered>& records, const std::filesystem::path& file) {
  std::string lines;
  for (const auto& [customer_id, problem, again] : records) {
    nlohmann::ordered_json line = {{"customer_id", customer_id}, {"problem", problem}};
    line["attempt"] = again.attempt;
    line["unusable_replies"] = again.unusable;
    lines += line.dump() + "\n";
  }
  write_file_atomically(file, lines);
}

std::vector<Unanswered> read_unanswered(const std::filesystem::path& file) {
  std::vector<Unanswered> records;
  if (!std::filesystem::exists(file)) return records;
  LineReader lines(file);
  for (std::string_view line; lines.next(line);) {
    try {
      const json row = json::parse(line);
      records.push_back(
          {row.at("customer_id"), row.at("problem"), {row.at("attempt"), row.at("unusable_replies").get<int>()}});
    } catch (const json::exception&) {
      throw data_error(fmt::format("{}:{}: not a line of this list", file.string(), records.size() + 1));
    }
  }
  return records;
}

std::string count_problems(const std::vector<Unanswered>& records) {
  std::map<std::string, size_t> counts;
  for (const Unanswered& record : records) ++counts[record.problem];
  std::vector<std::pair<std::string, size_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (const auto& [problem, count] : sorted) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", problem, count);
  return text;
}

std::filesystem::path unanswered_file(const RunFolder& folder) { return folder.stage("simulate") / "unanswered.jsonl"; }

std::filesystem::path retry_file(const RunFolder& folder) { return folder.stage("simulate") / "retry.jsonl"; }

}  // namespace latentcrs
