// Paired tests between two runs, or between the scores of one run, on the per-user results of their evaluations.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/metrics/paired_comparison.h"
#include "base/util/table.h"

namespace latentcrs {

struct CompareOptions {
  std::string score =
      "with text";  ///< the score compared between runs; within a run, the one that the others are compared with
  /// test or valid; or "conversations", "conversations_recommendation" and the like: a group of kConversationGroups,
  /// which is compared by dialogue, with the history left out.
  std::string split = "test";
  /// "keep" or "mask": the ranking with or without the items of a user's history among the candidates; empty for
  /// evaluate.seen_items of the (first) run.
  std::string seen_items = {};
  bool without_leaks = false;  ///< leave out users whose words give the title away in either run
  bool common = false;         ///< if the runs have different users, compare those that both have
  ResamplingOptions resampling = {};
};

/// What CompareOptions::split may be.
std::vector<std::string> compare_splits();

/// The comparison of A with B: HIT@k and NDCG@k of the one-turn ranks and, between runs on the test split, SR@t and AT
/// of the dialogues. AT is the mean turn of success, where a failure counts as the last turn T or as T + 1.
struct Comparison {
  std::string a, b;
  std::vector<PairedResult> results;
};

struct ComparisonReport {
  std::string title;  ///< the users and candidates of the comparison
  std::vector<Comparison> comparisons;
  std::vector<std::string> notes;  ///< what was left out, and the reason

  /// The number of tests, which are the family of Holm's adjustment.
  int64_t family() const;
};

/// Compares two run folders. Users are matched by customer_id. Throws Error(data) for a folder without an evaluation,
/// for a score that is missing, for users that only one run has (unless options.common), and for users whose targets
/// differ because the runs use different datasets; the message counts and names them.
ComparisonReport compare_runs(const std::filesystem::path& run_a, const std::filesystem::path& run_b,
                              const CompareOptions& options);

/// Compares options.score with every other score of the run.
ComparisonReport compare_scores(const std::filesystem::path& run, const CompareOptions& options);

/// Compares options.score with the score `other`, as compare_scores() does, without adjusting p. nullopt if the run
/// lacks one of them.
std::optional<Comparison> compare_with(const std::filesystem::path& run, const std::string& other,
                                       const CompareOptions& options);

/// Adjusts the p-values of all reports as one family (Holm).
void adjust_as_one_family(std::span<ComparisonReport> reports);

/// The name of a run folder: "tiny" for outputs/tiny, outputs/tiny/ and the like.
std::string run_name(const std::filesystem::path& run);

/// The comparison as a table with one row per metric.
Table to_table(const Comparison& comparison);
/// The report as text: title, tables, the meaning of the columns, notes.
std::string to_text(const ComparisonReport& report, const ResamplingOptions& resampling);
/// The report as JSON, with the options of the resampling.
nlohmann::json to_json(const ComparisonReport& report, const ResamplingOptions& resampling);

}  // namespace latentcrs
