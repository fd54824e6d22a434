// The files about all stages of a run: metrics.jsonl and summary.md.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/config/config.h"

namespace latentcrs {

/// Joins the stages' metrics.jsonl, in order, into the run's; each line gains "stage".
void collect_metrics(const std::filesystem::path& run_folder, const std::vector<std::string>& stages);

/// Writes summary.md: the record of the run, then the summary.md of every stage that has finished.
void write_summary(const std::filesystem::path& run_folder, const std::vector<std::string>& stages);

/// The number by which the runs of a sweep are compared.
struct Headline {
  std::string name;  ///< "NDCG@10 (test)"
  double value = 0;
};

/// The metric of early stopping for the score with text: on the test split if the run has been evaluated, otherwise the
/// best of the last training stage on the validation split; nullopt before that.
std::optional<Headline> read_headline(const Config& config);

}  // namespace latentcrs
