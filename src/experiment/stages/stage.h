// A stage: what it needs, what its result depends on, and what it does. Each stage_<name>.cpp defines one; all of them
// are in experiment/stages/stage_table.h.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/table.h"
#include "experiment/run/manifest.h"
#include "experiment/run/stage_info.h"
#include "experiment/stages/planned_requests.h"
#include "experiment/stages/stage_context.h"

namespace latentcrs {

/// How a stage's run ended.
struct StageOutcome {
  size_t answers_to_come = 0;  ///< from batch jobs left running; unless 0, the stage is not finished
};

struct StageNeeds {
  std::vector<std::string> stages = {};  ///< earlier stages whose files it reads
  bool item_features = false;
};

/// Functions that look for mistakes before the first stage begins and throw Error(config) for the first they find.
/// A stage leaves out those that it does not need.
struct StageChecks {
  using Check = std::function<void(const StageContext&)>;
  Check settings = {};     ///< the settings that a chosen provider needs; made for every stage, even if it does not run
  Check templates = {};    ///< the prompt templates; made for every stage too
  Check before_run = {};   ///< settings with which the stage would fail; made if it runs
  Check credentials = {};  ///< keys of the services it asks; made if it runs and is not finished
};

/// A file of the user's, and the setting that names it.
struct ConfigFile {
  std::string setting;
  std::string path;
};

struct Stage {
  StageInfo info;
  StageNeeds needs = {};
  /// The user's own files that the config names for this stage.
  std::function<std::vector<ConfigFile>(const Config&)> config_files = {};
  /// The part of the config that the result depends on.
  std::function<nlohmann::json(const StageContext&)> settings;
  /// Files read. May throw Error(data) for one of the user's that is missing.
  std::function<std::vector<std::filesystem::path>(const StageContext&)> inputs;
  StageChecks checks = {};
  /// The requests that it would send to models; empty for a stage that asks none.
  std::function<std::vector<PlannedRequests>(const PlanInputs&)> planned_requests = {};
  /// Fills the stage's folder, which exists and holds what an interrupted run left.
  std::function<StageOutcome(const StageContext&)> run;
  /// Marks the answers that a finished result lacks, so that the next run asks for them, and returns their number.
  /// Empty for a stage without such answers.
  std::function<size_t(const StageContext&)> retry = {};

  /// Item features, if it needs them and these settings do not give them: "item features (…)"; "" if it can run.
  std::string lacks(const StageContext& context) const;
};

/// The manifest of a result made now, without outputs. Throws Error(data) for an input that is not there.
Manifest describe_stage(const Stage& stage, const StageContext& context);

/// Writes the stage's summary.md: the tables in Markdown, each under its title, and a note below them.
void write_stage_summary(const StageContext& context, const std::string& stage, const std::vector<Table>& tables,
                         std::string_view note = {});

/// portable or native: settings of the stages that compute with tensors.
std::string arithmetic_of(const Config& config);

/// One section of the config as JSON (base/config/load_config.h: canonical_json).
nlohmann::json section(const Config& config, const std::string& name);

}  // namespace latentcrs
