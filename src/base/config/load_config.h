// YAML files, groups and overrides to a Config. Precedence, lowest first: defaults in config.h, files of the
// `defaults:` list in their order (the file with the list at `_self_`, or last without it), `+profile=…`, overrides
// left to right.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/config/config.h"

namespace latentcrs {

/// One resolved value and where it came from ("default", "configs/ml1m.yaml:12", "override 3: epochs=5"). The list
/// `stages` may name several places, separated by "; ".
struct ResolvedValue {
  std::string key;    ///< dotted: pretrain.encoder.hidden_size
  std::string value;  ///< as YAML would write it
  std::string origin;
};

struct LoadedConfig {
  Config config;
  std::vector<ResolvedValue> values;  ///< every key, in the order of config.h
  std::filesystem::path file;         ///< the file that --config named, as found
};

/// Reads `name` (a path, or a file name looked up in the config search path, with or without .yaml) with Hydra's
/// `overrides`: `key=value`, `+key=value`, `++key=value`, `~key` (back to the default), `group=choice`,
/// `+group=choice`, `group@package=choice`; `stages.joint.epochs=3` changes one stage,
/// `simulate.chat.parameters.temperature=1` one entry of a free map. configs/README.md says where they differ from
/// Hydra's. Collects every mistake (unknown key with the nearest known one, wrong type, out of range, unresolved
/// interpolation, missing required value, settings that contradict each other) and throws one Error(config) that lists
/// them, each as `file:line: key: problem (hint)` or with the override in place of file:line.
LoadedConfig load_config(const std::string& name, const std::vector<std::string>& overrides);

/// The jobs of a sweep over the configuration `name`, one list of overrides each: the product of the values of `a,b`,
/// choice(…), range(…), glob(…) and their kin, the first key slowest; of two overrides of one key the later counts.
/// Without sweeps: one list; none if a sweep has no values. Throws Error(config) for a malformed override.
std::vector<std::vector<std::string>> expand_multirun(const std::string& name,
                                                      const std::vector<std::string>& overrides);

/// The override `key=text` for a text of any characters.
std::string text_override(const std::string& key, const std::string& text);

/// The key of an override, under the spelling of the schema; "" for a malformed one.
std::string override_key(const std::string& override);

/// Folders searched for configs and prompt templates, in order: $LATENTCRS_CONFIG_DIR, ./configs and the same in every
/// parent, the folder installed with the binary, the source tree's.
std::vector<std::filesystem::path> config_search_path();

/// A file of the config tree (a prompt template, for example): as it is, beside `main_config`, or through that path.
/// Throws Error(config) listing where it looked.
std::filesystem::path find_config_file(const std::string& name, const std::filesystem::path& main_config);

/// How to_yaml() writes the origins of values; as a comment each follows its value: `# configs/ml1m.yaml:12`.
enum class Origins { left_out, as_comments };
/// The whole config as YAML, grouped as config.h. Loading it again gives the same Config.
std::string to_yaml(const LoadedConfig& loaded, Origins origins);

/// A part of the config as canonical JSON text: equal settings give equal text. `section`: "services", "datasets",
/// "pretrain", "simulate", "embed", "compat" or "evaluate", with keys relative to it; "em" for the EM settings at the
/// root with prior, posterior, stages, early_stop, optim and scheduler; "run" for the general settings at the root.
std::string canonical_json(const Config& config, const std::string& section);

}  // namespace latentcrs
