// The contents of a run folder, of finished and unfinished runs. Its layout: docs/files.md.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/config/saved_config.h"
#include "experiment/report/transcripts.h"

namespace latentcrs {

/// The most probable intent of each test user, and its probability.
struct InferredIntents {
  std::vector<int> with_text;  ///< intents of the users with a text
  std::vector<double> p_with_text;
  std::vector<int> without_text;  ///< intents of all users
  std::vector<double> p_without_text;
  size_t same = 0;  ///< number of users with a text whose intent is the same with and without it
};

/// A run. Parts that the folder lacks are null or empty.
struct RunData {
  std::filesystem::path folder;
  std::string name;  ///< name in headings and legends
  nlohmann::json record;
  std::vector<SavedValue> settings;
  std::string config_text;
  nlohmann::json dataset;     ///< preprocess/dataset_report.json
  nlohmann::json utterances;  ///< simulate/simulation_report.json
  nlohmann::json one_turn, multi_turn;
  nlohmann::json lists;                                     ///< evaluate/lists.json
  nlohmann::json conversations;                             ///< evaluate/conversations.json
  std::vector<nlohmann::json> pretrain_lines, train_lines;  ///< lines of metrics.jsonl
  std::vector<Transcript> transcripts;
  InferredIntents intents;
  std::vector<std::pair<std::string, double>>
      stage_seconds;  ///< duration of the finished stages in seconds, in pipeline order

  /// The text of a setting; `otherwise` if the run has no setting of that name.
  std::string setting(const std::string& key, const std::string& otherwise) const;
};

/// Reads a run folder. Throws Error(data) if it has no run.json or a file in it is damaged (naming file:line).
RunData read_run(const std::filesystem::path& folder);

/// Reads several run folders and gives the runs names that tell them apart.
std::vector<RunData> read_runs(const std::vector<std::filesystem::path>& folders);

}  // namespace latentcrs
