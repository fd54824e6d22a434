#include "base/config/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/config/field_value.h"
#include "base/config/json_node.h"
#include "base/config/keys.h"
#include "base/config/nearest.h"
#include "base/config/schema.h"
#include "base/config/tree_update.h"

namespace latentcrs {

namespace {

constexpr const char* kStages = "stages";
constexpr const char* kDefault = "default";

Node default_tree() {
  Config config;
  Node root = map_node(kDefault);
  for (const Field& field : schema(config)) {
    Node value =
        field.same_as.empty() ? to_node(to_json(field), kDefault) : text_node("${" + field.same_as + "}", kDefault);
    Problems none;
    merge_tree(root, wrapped(std::move(value), field.key), "", NewKeys::allowed, none);
  }
  return root;
}

/// Keys of free maps, which are sent as they are.
const std::set<std::string>& free_maps() {
  static const std::set<std::string> keys = [] {
    std::set<std::string> found;
    Config config;
    for (const Field& field : schema(config))
      if (field.rule.json_object) found.insert(field.key);
    return found;
  }();
  return keys;
}

/// Item `name` of a list: by index, or a map by its entry `name`.
Node* find_item(Node& list, const std::string& name) {
  for (size_t i = 0; i < list.items.size(); ++i) {
    Node& item = list.items[i];
    const Node* item_name = std::as_const(item).find("name");
    if (name == std::to_string(i) || (item_name != nullptr && item_name->text == name)) return &item;
  }
  return nullptr;
}

std::string both_origins(const std::string& first, const std::string& second) {
  return first == kDefault || first == second ? second : first + "; " + second;
}

/// The longest part of a dotted key that is a setting, and the rest of the key; both are empty without a setting.
std::pair<std::string, std::string> split_at_field(const std::string& key) {
  for (size_t dot = key.rfind('.'); dot != std::string::npos && dot > 0; dot = key.rfind('.', dot - 1))
    if (const std::string known = canonical_key(key.substr(0, dot)); !known.empty())
      return {known, key.substr(dot + 1)};
  return {};
}

void report_unknown(const std::string& origin, const std::string& key, Problems& problems) {
  const UnknownKey unknown = explain_unknown_key(key);
  problems.add(origin, key, unknown.problem, unknown.hint);
}

}  // namespace

Settings::Settings() : root_(default_tree()) {}

KeyRules Settings::key_rules() { return {canonical_key, explain_unknown_key, true}; }

Node& Settings::at(const std::string& key) {
  Node* node = &root_;
  for (const std::string& part : split_key(key)) node = node->find(part);
  return *node;
}

const Node* Settings::find(const std::string& key) const {
  const std::string known = canonical_key(key);
  if (known.empty()) return nullptr;
  const Node* node = &root_;
  for (const std::string& part : split_key(known)) node = node->find(part);
  return node;
}

void Settings::merge(const Node& tree, const std::string& package, Problems& problems) {
  if (tree.kind != Node::Kind::map) return;
  Seen seen;
  merge(wrapped(tree, package), "", seen, problems);
}

void Settings::merge(const Node& tree, const std::string& at, Seen& seen, Problems& problems) {
  for (const auto& [name, value, kind] : tree.entries) {
    const std::string key = join_key(at, name);
    const std::string known = canonical_key(key);
    if (!known.empty()) {
      const auto [first, is_new] = seen.try_emplace(known, value.origin);
      if (is_new)
        set(known, value, problems);
      else
        problems.add(value.origin, key, "set twice", "first at " + first->second);
    } else if (!is_section(key)) {
      report_unknown(value.origin, key, problems);
    } else if (value.kind == Node::Kind::map) {
      merge(value, key, seen, problems);
    } else if (value.kind != Node::Kind::null) {  // a section may be empty
      problems.add(value.origin, key, "expected a map of settings, got " + describe(value));
    }
  }
}

void Settings::set(const std::string& key, const Node& value, Problems& problems) {
  Node& old = at(key);
  if (key == kStages && value.kind == Node::Kind::map)
    change_stages(value, problems);
  else if (free_maps().contains(key) && value.kind == Node::Kind::map)
    lay_over_map(key, value, problems);
  else if (!value.is_text(kMissing) || old.origin == kDefault)
    old = value;
}

/// Entry by entry. The map may be a JSON text, or by default the map of another setting.
void Settings::lay_over_map(const std::string& key, const Node& value, Problems& problems) {
  Node& map = at(key);
  if (map.kind == Node::Kind::text && has_interpolation(map) && map.origin == kDefault) {
    Node inheriting = map_node(kDefault);
    inheriting.base = map.text;
    map = inheriting;
  } else if (map.kind == Node::Kind::text && !has_interpolation(map) && !map.is_text(kMissing)) {
    std::optional<Node> object = object_node(map.text, map.origin);
    if (!object) return problems.add(value.origin, key, fmt::format("{} is no JSON object to add to", describe(map)));
    map = std::move(*object);
  }
  const std::string origin = both_origins(map.origin, value.origin);
  merge_tree(map, value, key, NewKeys::allowed, problems);
  map.origin = origin;
}

void Settings::change_stages(const Node& changes, Problems& problems) {
  Node& stages = at(kStages);
  for (const auto& [name, change, kind] : changes.entries) {
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
    for (const NodeEntry& entry : change.entries) stage->set(entry.key, entry.value);
    stages.origin += "; " + change.origin;
  }
}

void Settings::apply(const Override& override, Problems& problems) {
  if (override.package)
    problems.add(override.origin, override.key_text(),
                 fmt::format("it looks like a choice of a group, but there is no group {}", override.key));
  else if (override.kind == Override::Kind::remove)
    reset(override, problems);
  else
    change(override, problems);
}

void Settings::change(const Override& override, Problems& problems) {
  const std::string known = canonical_key(override.key);
  const Node value = override.node();
  if (known.empty() && !is_section(override.key)) {
    const auto [field, rest] = split_at_field(override.key);
    if (!field.empty()) return change_below(override, field, rest, problems);
  }
  if (!known.empty() && override.kind == Override::Kind::add && !value.is_container()) {
    const Node& old = at(known);
    if (old.origin != kDefault && old.kind != Node::Kind::null && !old.is_text(kMissing))
      return problems.add(override.origin, override.key, fmt::format("it is set at {}, so + cannot add it", old.origin),
                          fmt::format("write {} or +{}", override.text.substr(1), override.text));
  }
  if (!known.empty() && value.is_text(kMissing)) {
    at(known) = value;
    return;
  }
  if (is_section(override.key) && value.kind == Node::Kind::null)
    return problems.add(override.origin, override.key, "expected a map of settings, got nothing",
                        fmt::format("~{} puts the section back to its defaults", override.key));
  Seen seen;
  merge(wrapped(value, override.key), "", seen, problems);
}

/// An entry of a stage, of a free map or of a list.
void Settings::change_below(const Override& override, const std::string& field, const std::string& rest,
                            Problems& problems) {
  if (field == kStages) {
    if (override.kind == Override::Kind::remove)
      return problems.add(override.origin, override.key, "a setting of a stage cannot be removed", "give its value");
    return change_stages(wrapped(override.node(), rest), problems);
  }
  const bool is_free = free_maps().contains(field);
  Node& node = at(field);
  if (is_free && node.kind != Node::Kind::map) {
    if (node.kind == Node::Kind::null || (node.kind == Node::Kind::text && node.text.empty()))
      node = map_node(node.origin);
    else
      lay_over_map(field, map_node(node.origin), problems);
  }
  if (!node.is_container())
    return problems.add(override.origin, override.key,
                        fmt::format("{} is {} and has nothing below it", field, describe(node)));
  const std::string origin = both_origins(node.origin, override.origin);
  const auto resolve = [&](const Node& part, const std::string& key) {
    return Interpolation(root_, problems, key_rules()).value(part, key);
  };
  TreeUpdate(node, field, is_free, resolve, problems).apply(override, split_key(rest));
  node.origin = origin;
}

void Settings::reset(const Override& override, Problems& problems) {
  static const Node defaults = default_tree();
  const std::string known = canonical_key(override.key);
  if (known.empty() && !is_section(override.key)) {
    const auto [field, rest] = split_at_field(override.key);
    return field.empty() ? report_unknown(override.origin, override.key, problems)
                         : change_below(override, field, rest, problems);
  }
  const std::string key = known.empty() ? override.key : known;
  const Node* initial = &defaults;
  Node* node = &root_;
  for (const std::string& part : split_key(key)) {
    initial = initial->find(part);
    node = node->find(part);
    if (node == nullptr || initial == nullptr)  // a section that only other spellings have
      return problems.add(override.origin, override.key, "it cannot be removed as a whole", "remove its settings");
  }
  if (const Node expected = override.node(); expected.kind != Node::Kind::null) {
    const std::optional<Node> value = Interpolation(root_, problems, key_rules()).value(*node, key);
    if (!value) return;
    if (!equal(*value, expected))
      return problems.add(override.origin, override.key,
                          fmt::format("the value is {} and not {}", python_text(*value), python_text(expected)));
  }
  *node = *initial;
}

}  // namespace latentcrs
