// Paired tests between two runs, or between the scores of one run, from what their evaluations wrote for every user.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "metrics/paired_comparison.h"
#include "util/table.h"

namespace latentcrs {

struct CompareOptions {
  std::string score = "with text";  ///< compared between runs; within a run, what the others are compared with
  std::string split = "test";       ///< test or valid
  /// The ranking with a user's history among the candidates (keep) or not (mask); empty: as evaluate.seen_items of the
  /// (first) run.
  std::string seen_items = {};
  bool without_leaks = false;  ///< leave out users whose words give the title away, in either run
  bool common = false;         ///< compare the users that both have, where they differ
  ResamplingOptions resampling = {};
};

/// A against B: HIT@k and NDCG@k of the one-turn ranks; between runs on the test split also SR@t and AT of the
/// dialogues, the mean turn of success, failures counting as the last turn T or as T + 1.
struct Comparison {
  std::string a, b;
  std::vector<PairedResult> results;
};

struct ComparisonReport {
  std::string title;  ///< what was ranked
  std::vector<Comparison> comparisons;
  std::vector<std::string> notes;  ///< what was left out, and why

  /// Tests made, the family of Holm's adjustment.
  int64_t family() const;
};

/// `run_a`, `run_b`: run folders. Users are matched by customer_id. Throws Error(data) for a folder without an
/// evaluation, a score that is not there, users that only one run has (unless options.common) and users whose targets
/// differ, because the runs are of different datasets: counted and named.
ComparisonReport compare_runs(const std::filesystem::path& run_a, const std::filesystem::path& run_b,
                              const CompareOptions& options);

/// options.score against every other score of the run.
ComparisonReport compare_scores(const std::filesystem::path& run, const CompareOptions& options);

/// options.score against the one score `other`, as compare_scores() does, p not adjusted. nullopt where the run has not
/// both.
std::optional<Comparison> compare_with(const std::filesystem::path& run, const std::string& other,
                                       const CompareOptions& options);

/// Takes all tests of the reports as one family.
void adjust_as_one_family(std::span<ComparisonReport> reports);

/// "tiny" for outputs/tiny, outputs/tiny/ and the like.
std::string run_name(const std::filesystem::path& run);

Table to_table(const Comparison& comparison);
/// Title, tables, what the columns mean, notes.
std::string to_text(const ComparisonReport& report, const ResamplingOptions& resampling);
nlohmann::json to_json(const ComparisonReport& report, const ResamplingOptions& resampling);

}  // namespace latentcrs
