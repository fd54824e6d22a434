#include "base/config/node.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/config/numbers.h"

namespace latentcrs {

namespace {

Node scalar(Node::Kind kind, const std::string& text, const std::string& origin) {
  Node node;
  node.kind = kind;
  node.text = text;
  node.origin = origin;
  return node;
}

/// repr() of a text as Python writes it, for the characters that configurations hold.
std::string python_quoted(const std::string& text) {
  const char quote = text.find('\'') != std::string::npos && text.find('"') == std::string::npos ? '"' : '\'';
  std::string quoted(1, quote);
  for (const char c : text) {
    if (c == '\n')
      quoted += "\\n";
    else if (c == '\t')
      quoted += "\\t";
    else if (c == '\r')
      quoted += "\\r";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else if (c == quote || c == '\\')
      quoted += std::string("\\") + c;
    else
      quoted += c;
  }
  return quoted + quote;
}

std::string python_repr(const Node& node) {
  if (node.kind == Node::Kind::text) return python_quoted(node.text);
  return python_text(node);
}

std::string python_key(const NodeEntry& entry) {
  if (entry.key_kind == Node::Kind::text) return python_quoted(entry.key);
  if (entry.key_kind == Node::Kind::boolean) return entry.key == "true" ? "True" : "False";
  return entry.key;
}

bool equal_maps(const Node& a, const Node& b) {
  return a.entries.size() == b.entries.size() &&
         std::all_of(a.entries.begin(), a.entries.end(), [&](const NodeEntry& entry) {
           return std::any_of(b.entries.begin(), b.entries.end(), [&](const NodeEntry& other) {
             return entry.key == other.key && entry.key_kind == other.key_kind && equal(entry.value, other.value);
           });
         });
}

}  // namespace

bool is_number(const Node& node) {
  return node.kind == Node::Kind::boolean || node.kind == Node::Kind::integer || node.kind == Node::Kind::real;
}

const Node* Node::find(const std::string& key) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const NodeEntry& e) {
    return e.key == key && (e.key_kind == Kind::text || e.key_kind == Kind::integer);
  });
  return found == entries.end() ? nullptr : &found->value;
}

Node* Node::find(const std::string& key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

void Node::set(const std::string& key, Node value) {
  if (Node* old = find(key))
    *old = std::move(value);
  else
    entries.push_back({key, std::move(value)});
}

Node key_node(const NodeEntry& entry) {
  if (entry.key_kind == Node::Kind::boolean) return boolean_node(entry.key == "true");
  if (entry.key_kind == Node::Kind::integer) return integer_node(entry.key);
  if (entry.key_kind == Node::Kind::real) return real_node(python_real(entry.key).value_or(0));
  return text_node(entry.key);
}

bool is_same_key(const NodeEntry& entry, const Node& key) {
  return entry.key == key_text(key) || equal(key_node(entry), key);
}

std::string key_text(const Node& key) {
  if (key.kind == Node::Kind::boolean) return key.text == "True" ? "true" : "false";
  return key.text;
}

Node null_node(const std::string& origin) { return scalar(Node::Kind::null, "None", origin); }

Node boolean_node(bool value, const std::string& origin) {
  return scalar(Node::Kind::boolean, value ? "True" : "False", origin);
}

Node integer_node(const std::string& digits, const std::string& origin) {
  return scalar(Node::Kind::integer, digits, origin);
}

Node real_node(double value, const std::string& origin) {
  Node node = scalar(Node::Kind::real, python_float(value), origin);
  node.real = value;
  return node;
}

Node text_node(const std::string& text, const std::string& origin) { return scalar(Node::Kind::text, text, origin); }

Node list_node(std::vector<Node> items, const std::string& origin) {
  Node node = scalar(Node::Kind::list, "", origin);
  node.items = std::move(items);
  return node;
}

Node map_node(const std::string& origin) { return scalar(Node::Kind::map, "", origin); }

bool has_interpolation(const Node& node) {
  return node.kind == Node::Kind::text && node.text.find("${") != std::string::npos;
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::list: return "a list";
    case Node::Kind::map: return "a map";
    default: return "'" + (node.raw.empty() ? node.text : node.raw) + "'";
  }
}

std::string python_text(const Node& node) {
  std::vector<std::string> parts;
  if (node.kind == Node::Kind::list) {
    for (const Node& item : node.items) parts.push_back(python_repr(item));
    return fmt::format("[{}]", fmt::join(parts, ", "));
  }
  if (node.kind == Node::Kind::map) {
    for (const NodeEntry& entry : node.entries) parts.push_back(python_key(entry) + ": " + python_repr(entry.value));
    return fmt::format("{{{}}}", fmt::join(parts, ", "));
  }
  return node.kind == Node::Kind::null ? "None" : node.text;
}

bool equal(const Node& a, const Node& b) {
  if (is_number(a) && is_number(b)) return compare_numbers(a, b) == 0;
  if (a.kind != b.kind) return false;
  if (a.kind == Node::Kind::list)
    return std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), equal);
  if (a.kind == Node::Kind::map) return equal_maps(a, b);
  return a.kind == Node::Kind::null || a.text == b.text;
}

std::string join_key(const std::string& prefix, const std::string& name) {
  if (prefix.empty() || name.empty()) return prefix + name;
  return prefix + "." + name;
}

std::vector<std::string> split_key(const std::string& key) {
  std::vector<std::string> parts;
  if (key.empty()) return parts;
  size_t begin = 0;
  for (size_t dot = key.find('.'); dot != std::string::npos; begin = dot + 1, dot = key.find('.', begin))
    parts.push_back(key.substr(begin, dot - begin));
  parts.push_back(key.substr(begin));
  return parts;
}

}  // namespace latentcrs
