// The settings in a run's config.yaml, read without the schema: another version may have written them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace latentcrs {

struct SavedValue {
  std::string key;    ///< dotted: pretrain.encoder.hidden_size
  std::string value;  ///< a scalar's text; a list as [a, b], a map inside a list as {a: 1}
};

/// Every value of a YAML file of settings (a run's config.yaml), in the order written. Throws Error(config) if it
/// is not YAML, Error(data) if it cannot be read.
std::vector<SavedValue> read_saved_config(const std::filesystem::path& path);

}  // namespace latentcrs
