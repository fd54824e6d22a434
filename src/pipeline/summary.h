// What a run says at its end: metrics.jsonl of all stages in one file, and summary.md.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"

namespace latentcrs {

/// Joins the stages' metrics.jsonl, in order, into the run's; each line gains "stage".
void collect_metrics(const std::filesystem::path& run_folder, const std::vector<std::string>& stages);

/// Writes summary.md: which run this is, then the summary.md of every stage that has finished.
void write_summary(const std::filesystem::path& run_folder, const std::vector<std::string>& stages);

/// The one number that runs of a sweep are compared by.
struct Headline {
  std::string name;  ///< "NDCG@10 (test)"
  double value = 0;
};

/// The metric of early stopping for the score with text: on the test split if the run has been evaluated, else the best
/// of the last training stage on the validation split, else nullopt.
std::optional<Headline> read_headline(const Config& config);

}  // namespace latentcrs
