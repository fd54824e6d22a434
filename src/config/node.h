// YAML values, each with the place it was written at. node.cpp is the only file that knows yaml-cpp.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "problems.h"

namespace latentcrs {

struct NodeEntry;

struct Node {
  enum class Kind { null, scalar, list, map };

  Kind kind = Kind::null;
  std::string text;                ///< of a scalar
  std::vector<Node> items;         ///< of a list
  std::vector<NodeEntry> entries;  ///< of a map, in the order written
  std::string origin;              ///< "configs/ml1m.yaml:12", "override 2: epochs=3" or "default"
  std::string written;             ///< a scalar's text before its interpolations were replaced, if it had any

  /// The value of a map's `key`; nullptr if there is none.
  const Node* find(const std::string& key) const;
  Node* find(const std::string& key);
};

struct NodeEntry {
  std::string key;
  Node value;
};

Node scalar_node(const std::string& text, const std::string& origin);

/// What a message calls the value: 'abc', nothing, a list, a map.
std::string describe(const Node& node);

/// "a.b" + "c" -> "a.b.c"; an empty prefix adds nothing.
std::string join_key(const std::string& prefix, const std::string& name);

struct YamlFile {
  Node root;
  std::string package;  ///< of a comment `# @package x` at the top; empty if there is none
};

/// Reads a file; origins are `shown_name`:line. Syntax errors, duplicate keys and more than one document are problems.
YamlFile read_yaml_file(const std::filesystem::path& path, const std::string& shown_name, Problems& problems);

/// Parses one value (`[a, b]`, `{a: 1}`, `"text"`); every part of it has `origin`.
Node parse_yaml_value(const std::string& text, const std::string& origin, Problems& problems);

}  // namespace latentcrs
