// A stage: what it depends on and what it does. One file per stage defines one of the make_*_stage functions.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "config/load_config.h"
#include "run/manifest.h"
#include "run/run_folder.h"
#include "util/table.h"

namespace latentcrs {

struct StageContext {
  const Config& config;
  RunFolder folder;
  std::vector<std::filesystem::path> data_roots;  ///< where relative paths of the config are looked up, in order
  std::filesystem::path config_file;  ///< the file that --config named; templates are looked up beside it first
  c10::Device device = c10::kCPU;
  bool detach = false;                              ///< RunFlags::detach
  std::map<std::string, std::string> origins = {};  ///< by key, where the settings that are no default come from

  /// Where a setting comes from; "" if it is a default.
  std::string origin(const std::string& key) const;
  /// Whether the run has item features, or will have them once the dataset is preprocessed.
  bool has_features() const;

  /// The file that a setting for a template names.
  std::filesystem::path prompt_template(const std::string& name) const;
  uint64_t seed() const { return static_cast<uint64_t>(config.random_seed); }
  /// A file that the config names: as it is, below a data root, or either with .gz appended. Throws Error(data) saying
  /// which setting named it and where it was looked for, or that it is a folder.
  std::filesystem::path input(const std::string& setting, const std::string& path) const;
};

/// The context of a run of `loaded`. Relative input paths are looked up below the current folder, then below the folder
/// that holds the config's own and those of the config search path: a config lies in <tree>/configs, and its paths are
/// meant from <tree>; one elsewhere may build on the shipped configs, whose data lie in the shipped tree.
StageContext make_context(const LoadedConfig& loaded, c10::Device device);

struct Stage {
  std::string name;
  std::string makes;  ///< for messages: "sequences and item features"
  /// The part of the config that the result depends on.
  std::function<nlohmann::json(const StageContext&)> settings;
  /// Files read. May throw Error(data) for one of the user's that is missing.
  std::function<std::vector<std::filesystem::path>(const StageContext&)> inputs;
  /// Fills the stage's folder (which exists; after an interruption with what it left).
  std::function<void(const StageContext&)> run;
  /// Marks the answers a finished result lacks, so that the next run asks for them; returns how many. Not every stage
  /// has it.
  std::function<size_t(const StageContext&)> retry = {};
  /// What these settings do not give it, so that it cannot run: "item features (…)"; "" if it can. Not every stage has
  /// it.
  std::function<std::string(const StageContext&)> lacks = {};
};

Stage make_preprocess_stage();
Stage make_pretrain_stage();
Stage make_simulate_stage();
Stage make_embed_stage();
Stage make_train_stage();
Stage make_evaluate_stage();

/// All stages, in the order they depend on each other.
std::vector<Stage> all_stages();

/// `lacks` of the stages that speak or read of items: item features.
std::string lacks_features(const StageContext& context);

/// What the stage would be made from now, without outputs. Throws Error(data) for an input that is not there.
Manifest describe_stage(const Stage& stage, const StageContext& context);

/// Writes the stage's summary.md: the tables in Markdown, each under its title.
void write_stage_summary(const StageContext& context, const std::string& stage, const std::vector<Table>& tables);

/// portable or native: settings of the stages that compute with tensors.
std::string arithmetic_of(const Config& config);

/// One section of the config as JSON (config/load_config.h: canonical_json).
nlohmann::json section(const Config& config, const std::string& name);

}  // namespace latentcrs
