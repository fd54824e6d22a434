#include "datasets/setup/answers.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/config/field_value.h"
#include "base/config/nearest.h"
#include "base/config/overrides.h"
#include "base/config/problems.h"
#include "base/config/schema.h"
#include "base/util/error.h"

namespace latentcrs {
namespace {

constexpr const char* kSection = "datasets.";

/// The settings of `datasets` of a configuration.
std::vector<Field> dataset_fields(Config& config) {
  std::vector<Field> fields = schema(config);
  std::erase_if(fields, [](const Field& field) { return !field.key.starts_with(kSection); });
  return fields;
}

const Field& field_of(const std::vector<Field>& fields, const std::string& key) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.key == key; });
  if (found != fields.end()) return *found;
  std::vector<std::string> keys;
  for (const Field& field : fields) keys.push_back(field.key);
  const std::string hint = did_you_mean(key, keys);
  throw usage_error(fmt::format("{}: init takes settings of datasets alone{}", key, hint.empty() ? "" : "; " + hint));
}

}  // namespace

Answers::Answers(const std::vector<std::string>& overrides) : overrides_(overrides) {
  Problems problems;
  for (const Override& override : parse_single_overrides(overrides_, problems)) keys_.push_back(override.key);
  problems.throw_if_any();
  (void)applied_to({});
}

bool Answers::has(const std::string& key) const { return std::find(keys_.begin(), keys_.end(), key) != keys_.end(); }

DatasetOptions Answers::applied_to(const DatasetOptions& options) const {
  Config config;
  config.datasets = options;
  const std::vector<Field> fields = dataset_fields(config);
  Problems problems;
  for (const Override& override : parse_single_overrides(overrides_, problems))
    assign(field_of(fields, override.key), override.node(), problems);
  problems.throw_if_any();
  return config.datasets;
}

bool Answers::agree_with(const DatasetOptions& options) const {
  return differing_settings(applied_to(options), options).empty();
}

std::vector<SettingValue> setting_values(const DatasetOptions& options) {
  Config config;
  config.datasets = options;
  std::vector<SettingValue> values;
  for (const Field& field : dataset_fields(config)) values.push_back({field.key, to_yaml_text(to_json(field))});
  return values;
}

std::vector<SettingValue> differing_settings(const DatasetOptions& options, const DatasetOptions& other) {
  std::vector<SettingValue> values = setting_values(options);
  const std::vector<SettingValue> others = setting_values(other);
  std::erase_if(values, [&](const SettingValue& value) {
    return std::find(others.begin(), others.end(), value) != others.end();
  });
  return values;
}

}  // namespace latentcrs
