#include "settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "field_value.h"
#include "keys.h"
#include "nearest.h"
#include "schema.h"

namespace latentcrs {

namespace {

constexpr const char* kStages = "stages";

std::map<std::string, Node> default_values() {
  Config config;
  std::map<std::string, Node> values;
  for (const Field& field : schema(config))
    values[field.key] =
        field.same_as.empty() ? to_node(to_json(field), "default") : scalar_node("${" + field.same_as + "}", "default");
  return values;
}

/// Item `name` of a list: by index, or a map by its entry `name`.
template <class N>
N* find_item(N& list, const std::string& name) {
  for (size_t i = 0; i < list.items.size(); ++i) {
    N& item = list.items[i];
    const Node* item_name = std::as_const(item).find("name");
    if (name == std::to_string(i) || (item_name != nullptr && item_name->text == name)) return &item;
  }
  return nullptr;
}

}  // namespace

Settings::Settings() : values_(default_values()) {}

void Settings::merge(const Node& tree, const std::string& at, Problems& problems) {
  Seen seen;
  merge(tree, at, seen, problems);
}

void Settings::merge(const Node& tree, const std::string& at, Seen& seen, Problems& problems) {
  for (const auto& [name, value] : tree.entries) {
    const std::string key = join_key(at, name);
    const std::string known = canonical_key(key);
    if (!known.empty()) {
      const auto [first, is_new] = seen.try_emplace(known, value.origin);
      if (is_new)
        set(known, value, problems);
      else
        problems.add(value.origin, key, "set twice", "first at " + first->second);
    } else if (!is_section(key)) {
      const UnknownKey unknown = explain_unknown_key(key);
      problems.add(value.origin, key, unknown.problem, unknown.hint);
    } else if (value.kind == Node::Kind::map) {
      merge(value, key, seen, problems);
    } else if (value.kind != Node::Kind::null) {  // a section may be empty
      problems.add(value.origin, key, "expected a map of settings, got " + describe(value));
    }
  }
}

void Settings::set(const std::string& key, const Node& value, Problems& problems) {
  if (key == kStages && value.kind == Node::Kind::map)
    change_stages(value, problems);
  else
    values_[key] = value;
}

void Settings::change_stages(const Node& changes, Problems& problems) {
  Node& stages = values_[kStages];
  for (const auto& [name, change] : changes.entries) {
    const std::string key = join_key(kStages, name);
    Node* stage = find_item(stages, name);
    if (stage == nullptr || change.kind != Node::Kind::map) {
      std::vector<std::string> names;
      for (const Node& item : stages.items)
        if (const Node* item_name = item.find("name")) names.push_back(item_name->text);
      if (stage == nullptr)
        problems.add(change.origin, key, fmt::format("no such stage; stages: {}", fmt::join(names, ", ")),
                     did_you_mean(name, names));
      else
        problems.add(change.origin, key, "expected a map of settings, got " + describe(change));
      continue;
    }
    for (const NodeEntry& entry : change.entries) {
      if (Node* old = stage->find(entry.key))
        *old = entry.value;
      else
        stage->entries.push_back(entry);
    }
    stages.origin += "; " + change.origin;
  }
}

void Settings::reset(const std::string& key, const std::string& origin, Problems& problems) {
  const std::map<std::string, Node> defaults = default_values();
  if (const std::string known = canonical_key(key); !known.empty()) {
    values_[known] = defaults.at(known);
  } else if (is_section(key)) {
    for (auto& [setting, value] : values_)
      if (setting.starts_with(key + ".")) value = defaults.at(setting);
  } else {
    const UnknownKey unknown = explain_unknown_key(key);
    problems.add(origin, key, unknown.problem, unknown.hint);
  }
}

const Node* Settings::find(const std::string& key) const {
  if (const std::string known = canonical_key(key); !known.empty()) return &values_.at(known);
  if (!key.starts_with(std::string(kStages) + ".")) return nullptr;
  const std::string rest = key.substr(key.find('.') + 1);
  const size_t dot = rest.find('.');
  const Node* stage = find_item(values_.at(kStages), rest.substr(0, dot));
  return stage == nullptr || dot == std::string::npos ? stage : stage->find(rest.substr(dot + 1));
}

}  // namespace latentcrs
