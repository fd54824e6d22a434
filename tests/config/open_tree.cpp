#include "config/open_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/config/compose.h"
#include "base/config/config_tree.h"
#include "base/config/interpolation.h"
#include "base/config/overrides.h"
#include "base/config/tree_update.h"
#include "base/util/error.h"

namespace latentcrs::test {

using nlohmann::ordered_json;

namespace {

/// The tree of the files and overrides, before interpolation.
Node open_tree(const std::filesystem::path& main_file, const std::vector<std::string>& overrides, Problems& problems) {
  const ConfigTree tree(main_file);
  std::vector<Override> groups, values;
  for (const Override& override : parse_single_overrides(overrides, problems))
    (chooses_group(override, tree) ? groups : values).push_back(override);
  Node root = map_node();
  for (const Source& source : compose(main_file, tree, groups, problems))
    merge_tree(root, wrapped(source.tree, source.package), "", NewKeys::allowed, problems);
  problems.throw_if_any();
  for (const Override& override : values) {
    if (override.package) problems.add(override.origin, override.key, "no such group");
    const auto resolve = [&](const Node& node, const std::string& at) {
      Problems none;
      return Interpolation(root, none).value(node, at);
    };
    TreeUpdate(root, "", false, resolve, problems).apply(override, split_key(override.key));
    problems.throw_if_any();
  }
  check_interpolations(root, "", problems);
  return root;
}

bool same(const Node& node, const ordered_json& expected) {
  switch (node.kind) {
    case Node::Kind::null: return expected.is_null();
    case Node::Kind::boolean: return expected.is_boolean() && expected.get<bool>() == (node.text == "True");
    case Node::Kind::integer: return expected.is_number_integer() && expected.dump() == node.text;
    case Node::Kind::real:
      if (!std::isfinite(node.real)) return expected == node.text;
      return expected.is_number_float() && expected.get<double>() == node.real &&
             std::signbit(expected.get<double>()) == std::signbit(node.real);
    case Node::Kind::text: return expected == node.text;
    case Node::Kind::list: break;
    case Node::Kind::map: {
      if (!expected.is_object() || expected.size() != node.entries.size()) return false;
      size_t i = 0;
      for (const auto& [key, value] : expected.items()) {
        const NodeEntry& entry = node.entries[i++];
        if (entry.key != key || !same(entry.value, value)) return false;
      }
      return true;
    }
  }
  if (!expected.is_array() || expected.size() != node.items.size()) return false;
  for (size_t i = 0; i < node.items.size(); ++i)
    if (!same(node.items[i], expected[i])) return false;
  return true;
}

}  // namespace

Node open_value(const std::filesystem::path& main_file, const std::vector<std::string>& overrides,
                const std::string& key) {
  Problems problems;
  const Node root = open_tree(main_file, overrides, problems);
  problems.throw_if_any();
  const std::optional<Node> value = Interpolation(root, problems).value(key);
  problems.throw_if_any();
  if (!value) throw config_error(key + " has no value");
  return *value;
}

std::string value_text(const Node& node) {
  std::vector<std::string> parts;
  switch (node.kind) {
    case Node::Kind::null: return "null";
    case Node::Kind::boolean: return node.text == "True" ? "true" : "false";
    case Node::Kind::text: return ordered_json(node.text).dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    case Node::Kind::list:
      for (const Node& item : node.items) parts.push_back(value_text(item));
      return fmt::format("[{}]", fmt::join(parts, ", "));
    case Node::Kind::map:
      for (const NodeEntry& entry : node.entries)
        parts.push_back(ordered_json(entry.key).dump() + ": " + value_text(entry.value));
      return fmt::format("{{{}}}", fmt::join(parts, ", "));
    case Node::Kind::real: return std::isfinite(node.real) ? node.text : '"' + node.text + '"';
    default: return node.text;
  }
}

bool same_value(const Node& node, const std::string& expected) {
  if (node.kind == Node::Kind::integer) return node.text == expected;
  return same(node, ordered_json::parse(expected));
}

}  // namespace latentcrs::test
