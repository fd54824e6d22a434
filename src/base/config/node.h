// Values of a configuration, typed as OmegaConf types them, each with the place it was written at.
#pragma once

#include <string>
#include <vector>

namespace latentcrs {

struct NodeEntry;

struct Node {
  enum class Kind { null, boolean, integer, real, text, list, map };

  Kind kind = Kind::null;
  /// A text as it is; any other scalar as Python prints it: None, True, 1000 (of any size), 1e-05, inf.
  std::string text;
  double real = 0;                 ///< of a real
  std::vector<Node> items;         ///< of a list
  std::vector<NodeEntry> entries;  ///< of a map, in the order written
  std::string origin;              ///< "configs/ml1m.yaml:12", "override 2: epochs=3" or "default"
  std::string raw;                 ///< the spelling of a scalar other than text: 1_000, yes, 1e-5
  std::string interpolation;       ///< the text before its interpolations were replaced; empty: there were none
  std::string base;  ///< of a map: an interpolation that gives the entries which the map itself does not have
  char quote = 0;    ///< of a text in an override: the quotation mark around it

  bool is_scalar() const { return kind != Kind::null && !is_container(); }
  bool is_container() const { return kind == Kind::list || kind == Kind::map; }
  bool is_text(const char* other) const { return kind == Kind::text && text == other; }

  /// The value of a map's `key`, which is text or an integer; nullptr if there is none.
  const Node* find(const std::string& key) const;
  Node* find(const std::string& key);
  /// Puts `value` under `key` of a map, in the place of an earlier value.
  void set(const std::string& key, Node value);
};

struct NodeEntry {
  std::string key;  ///< text; of other keys the JSON form: true, 12
  Node value;
  Node::Kind key_kind = Node::Kind::text;
};

/// The key of an entry as the value that was written.
Node key_node(const NodeEntry& entry);

/// True if a map cannot have the key beside that of `entry`: the two are written alike, or equal numbers (1, 1.0,
/// true).
bool is_same_key(const NodeEntry& entry, const Node& key);

/// The name of `key` in a map: text and numbers as they are, true and false as JSON writes them.
std::string key_text(const Node& key);

/// True for the numbers of OmegaConf: integers, real numbers and truth values.
bool is_number(const Node& node);

Node null_node(const std::string& origin = {});
Node boolean_node(bool value, const std::string& origin = {});
/// `digits`: a decimal integer of any length, with a sign only if it is negative.
Node integer_node(const std::string& digits, const std::string& origin = {});
Node real_node(double value, const std::string& origin = {});
Node text_node(const std::string& text, const std::string& origin = {});
Node list_node(std::vector<Node> items, const std::string& origin = {});
Node map_node(const std::string& origin = {});

/// True if the text holds an interpolation (perhaps an escaped one).
bool has_interpolation(const Node& node);

/// The value in words, for messages: 'abc', nothing, a list, a map.
std::string describe(const Node& node);

/// str(value) of Python, which an interpolation inside a text becomes: None, True, ['a', 1], {'k': 1e-05}.
std::string python_text(const Node& node);

/// value == other of Python: 1, 1.0 and True are equal, 1 and '1' are not.
bool equal(const Node& a, const Node& b);

/// "a.b" + "c" -> "a.b.c"; an empty prefix adds nothing.
std::string join_key(const std::string& prefix, const std::string& name);
/// The parts of "a.b.0".
std::vector<std::string> split_key(const std::string& key);

}  // namespace latentcrs
