// The settings that a run wrote down, read without asking whether this version knows them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace latentcrs {

struct SavedValue {
  std::string key;    ///< dotted: pretrain.encoder.hidden_size
  std::string value;  ///< a scalar's text; a list as [a, b], a map inside a list as {a: 1}
};

/// Every value of a YAML file of settings (a run's config.yaml), in the order written. Throws Error(config) for one
/// that is no YAML, Error(data) for one that cannot be read.
std::vector<SavedValue> read_saved_config(const std::filesystem::path& path);

}  // namespace latentcrs
