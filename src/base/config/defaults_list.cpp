#include "base/config/defaults_list.h"

#include <utility>

namespace latentcrs {

namespace {

bool take_word(std::string& name, const std::string& word) {
  if (!name.starts_with(word + " ")) return false;
  name.erase(0, word.size() + 1);
  name.erase(0, name.find_first_not_of(' '));
  return true;
}

/// An entry whose `optional` and `path@package` are read from `name`.
DefaultsEntry named_entry(std::string name, const Node& value) {
  DefaultsEntry entry;
  entry.optional = take_word(name, "optional");
  const size_t at = name.find('@');
  entry.path = name.substr(0, at);
  if (at != std::string::npos) entry.package = name.substr(at + 1);
  if (entry.package == "_here_") entry.package = "";
  if (entry.package == "_group_") entry.package.reset();
  entry.value = value;
  entry.origin = value.origin;
  return entry;
}

DefaultsEntry group_entry(std::string name, const Node& value) {
  const bool overrides = take_word(name, "override");
  DefaultsEntry entry = named_entry(std::move(name), value);
  entry.is_group = true;
  entry.overrides = overrides;
  return entry;
}

DefaultsEntry file_entry(const Node& value, Problems& problems) {
  DefaultsEntry entry = named_entry(value.text, value);
  entry.is_self = entry.path == "_self_";
  if (entry.is_self && entry.package) problems.add(entry.origin, "defaults", "_self_ takes no package");
  return entry;
}

}  // namespace

std::optional<std::vector<std::string>> choice_names(const Node& value) {
  std::vector<std::string> names;
  if (value.kind == Node::Kind::null) return names;
  if (value.kind != Node::Kind::list) return value.is_scalar() ? std::optional(std::vector{value.text}) : std::nullopt;
  for (const Node& item : value.items) {
    if (!item.is_scalar()) return std::nullopt;
    names.push_back(item.text);
  }
  return names;
}

std::vector<DefaultsEntry> parse_defaults_list(const Node& defaults, Problems& problems) {
  std::vector<DefaultsEntry> entries;
  for (const Node& item : defaults.items) {
    if (item.kind == Node::Kind::map && item.entries.size() == 1)
      entries.push_back(group_entry(item.entries.front().key, item.entries.front().value));
    else if (item.is_scalar())
      entries.push_back(file_entry(item, problems));
    else
      problems.add(item.origin, "defaults", "expected a file name, _self_ or group: choice, got " + describe(item));
  }
  if (defaults.kind != Node::Kind::list)
    problems.add(defaults.origin, "defaults", "expected a list, got " + describe(defaults));
  return entries;
}

}  // namespace latentcrs
