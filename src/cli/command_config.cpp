#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "config/nearest.h"
#include "util/error.h"

namespace latentcrs {

namespace {

const ResolvedValue& value_of(const LoadedConfig& loaded, const std::string& key) {
  const auto found = std::find_if(loaded.values.begin(), loaded.values.end(),
                                  [&key](const ResolvedValue& value) { return value.key == key; });
  if (found != loaded.values.end()) return *found;
  std::vector<std::string> keys;
  for (const ResolvedValue& value : loaded.values) keys.push_back(value.key);
  const std::string suggestion = did_you_mean(key, keys);
  throw config_error(fmt::format("--key {}: no such key{}", key, suggestion.empty() ? "" : "; " + suggestion));
}

}  // namespace

int command_config(const Invocation& invocation) {
  const LoadedConfig& loaded = invocation.jobs.front().loaded;
  if (invocation.key.empty()) {
    fmt::print("{}", to_yaml(loaded, invocation.with_origin));
  } else {
    fmt::print("{}\n", value_of(loaded, invocation.key).value);
  }
  return 0;
}

}  // namespace latentcrs
