#include "base/config/saved_config.h"

#include "base/config/node.h"
#include "base/config/yaml_file.h"

namespace latentcrs {

namespace {

/// A value on one line.
std::string flow_text(const Node& node) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  switch (node.kind) {
    case Node::Kind::null: return "";
    case Node::Kind::list:
      for (const Node& item : node.items) add(flow_text(item));
      return "[" + text + "]";
    case Node::Kind::map: break;
    default: return node.raw.empty() ? node.text : node.raw;
  }
  for (const NodeEntry& entry : node.entries) add(entry.key + ": " + flow_text(entry.value));
  return "{" + text + "}";
}

void flatten(const Node& node, const std::string& key, std::vector<SavedValue>& values) {
  if (node.kind != Node::Kind::map) {
    values.push_back({key, flow_text(node)});
    return;
  }
  for (const NodeEntry& entry : node.entries) flatten(entry.value, join_key(key, entry.key), values);
}

}  // namespace

std::vector<SavedValue> read_saved_config(const std::filesystem::path& path) {
  Problems problems;
  const YamlFile file = read_yaml_file(path, path.string(), problems);
  problems.throw_if_any();
  std::vector<SavedValue> values;
  if (file.root.kind == Node::Kind::map) flatten(file.root, "", values);
  return values;
}

}  // namespace latentcrs
