// What a run folder holds, as far as it got. Layout: docs/files.md.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "config/saved_config.h"
#include "report/transcripts.h"

namespace latentcrs {

/// Which intent test users were found to have: the most probable one and its probability.
struct InferredIntents {
  std::vector<int> with_text;  ///< of the users with a text
  std::vector<double> p_with_text;
  std::vector<int> without_text;  ///< of all users
  std::vector<double> p_without_text;
  size_t same = 0;  ///< users with a text to whom both give one intent
};

/// Parts that are not there are null, empty, or without entries.
struct RunData {
  std::filesystem::path folder;
  std::string name;  ///< for headings and legends
  nlohmann::json record;
  std::vector<SavedValue> settings;
  std::string config_text;
  nlohmann::json dataset;     ///< preprocess/dataset_report.json
  nlohmann::json utterances;  ///< simulate/simulation_report.json
  nlohmann::json one_turn, multi_turn;
  std::vector<nlohmann::json> pretrain_lines, train_lines;  ///< of metrics.jsonl
  std::vector<Transcript> transcripts;
  InferredIntents intents;
  std::vector<std::pair<std::string, double>> stage_seconds;  ///< of finished stages, in pipeline order

  /// A setting's text; `otherwise` if the run has none of that name.
  std::string setting(const std::string& key, const std::string& otherwise) const;
};

/// Throws Error(data) if `folder` holds no run.json, or a file in it is damaged (file:line).
RunData read_run(const std::filesystem::path& folder);

/// The runs, under names that tell them apart.
std::vector<RunData> read_runs(const std::vector<std::filesystem::path>& folders);

}  // namespace latentcrs
