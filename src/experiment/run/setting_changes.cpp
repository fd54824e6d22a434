#include "experiment/run/setting_changes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

namespace latentcrs {

namespace {

using nlohmann::json;

constexpr size_t kLongest = 100;  ///< bytes of a value that are shown

std::string shown(const json& value) {
  std::string text = value.dump(-1, ' ', /*ensure_ascii=*/true, json::error_handler_t::replace);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "…";
}

/// The manifest's section `em` holds settings that stand at the root of a config.
std::string key_in_config(const std::string& key) { return key.starts_with("em.") ? key.substr(3) : key; }

/// The names of a list's entries; nullopt unless all are maps with names of their own.
std::optional<std::vector<std::string>> names_of(const json& list) {
  std::vector<std::string> names;
  for (const json& entry : list) {
    if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string()) return std::nullopt;
    names.push_back(entry["name"].get<std::string>());
  }
  if (std::set<std::string>(names.begin(), names.end()).size() != names.size()) return std::nullopt;
  return names;
}

class Changes {
 public:
  void compare(const json& before, const json& now, const std::string& key) {
    if (before == now) return;
    if (before.is_object() && now.is_object()) return compare_maps(before, now, key);
    if (before.is_array() && now.is_array()) {
      const auto names_before = names_of(before), names_now = names_of(now);
      if (names_before && names_now) return compare_named(before, now, key);
    }
    add(key, fmt::format("was {} and is {}", shown(before), shown(now)));
  }

  std::vector<std::string> lines;

 private:
  void add(const std::string& key, const std::string& what) { lines.push_back(key_in_config(key) + " " + what); }

  void compare_maps(const json& before, const json& now, const std::string& at) {
    const std::string prefix = at.empty() ? "" : at + ".";
    for (const auto& [name, value] : now.items()) {
      if (before.contains(name))
        compare(before[name], value, prefix + name);
      else
        add(prefix + name, value.is_structured() ? "is new" : fmt::format("is new: {}", shown(value)));
    }
    for (const auto& [name, value] : before.items())
      if (!now.contains(name)) add(prefix + name, "is no longer a setting of this stage");
  }

  /// Lists of maps with names: `stages`.
  void compare_named(const json& before, const json& now, const std::string& at) {
    const std::vector<std::string> names_before = *names_of(before), names_now = *names_of(now);
    for (size_t i = 0; i < names_now.size(); ++i) {
      const auto place = std::find(names_before.begin(), names_before.end(), names_now[i]);
      const std::string key = at + "." + names_now[i];
      if (place == names_before.end())
        add(key, "is new");
      else
        compare(before[static_cast<size_t>(place - names_before.begin())], now[i], key);
    }
    for (const std::string& name : names_before)
      if (std::find(names_now.begin(), names_now.end(), name) == names_now.end()) add(at + "." + name, "is gone");
    if (names_before != names_now &&
        std::is_permutation(names_before.begin(), names_before.end(), names_now.begin(), names_now.end()))
      add(at, fmt::format("came in the order {} and come in the order {}", fmt::join(names_before, ", "),
                          fmt::join(names_now, ", ")));
  }
};

}  // namespace

std::vector<std::string> setting_changes(const json& before, const json& now) {
  Changes changes;
  changes.compare(before, now, "");
  return changes.lines;
}

}  // namespace latentcrs
