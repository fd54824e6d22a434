// The settings that a user gives to `init`, which decide between several readings of a file.
#pragma once

#include <string>
#include <vector>

#include "base/config/dataset_options.h"

namespace latentcrs {

/// A setting and its value, as YAML writes it.
struct SettingValue {
  std::string key;  ///< datasets.columns.user
  std::string value;
  bool operator==(const SettingValue&) const = default;
};

class Answers {
 public:
  /// Overrides of settings of `datasets`. Throws Error(usage) for another section, Error(config) for a wrong value.
  explicit Answers(const std::vector<std::string>& overrides);

  bool has(const std::string& key) const;
  /// `options` with the settings given.
  DatasetOptions applied_to(const DatasetOptions& options) const;
  /// Whether the settings given are those of `options` already.
  bool agree_with(const DatasetOptions& options) const;

 private:
  std::vector<std::string> overrides_;
  std::vector<std::string> keys_;
};

/// Every setting of `datasets`, in the order of the schema.
std::vector<SettingValue> setting_values(const DatasetOptions& options);

/// The settings of `datasets` in which `options` differs from `other`, in the order of the schema.
std::vector<SettingValue> differing_settings(const DatasetOptions& options, const DatasetOptions& other);

}  // namespace latentcrs
