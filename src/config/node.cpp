#include "node.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>

namespace latentcrs {

namespace {

using Locate = std::function<std::string(const YAML::Mark&)>;

/// Turns yaml-cpp's tree into ours. An alias that contains itself would never end: depth is bounded.
class Converter {
 public:
  Converter(Locate locate, Problems& problems) : locate_(std::move(locate)), problems_(problems) {}

  Node convert(const YAML::Node& yaml, const std::string& at, int depth = 0) {
    constexpr int kMaxDepth = 32;
    Node node;
    node.origin = locate_(yaml.Mark());
    if (depth > kMaxDepth) {
      problems_.add(node.origin, at, fmt::format("nested more than {} levels deep", kMaxDepth));
    } else if (yaml.IsScalar()) {
      node.kind = Node::Kind::scalar;
      node.text = yaml.Scalar();
    } else if (yaml.IsSequence()) {
      node.kind = Node::Kind::list;
      for (const YAML::Node& item : yaml)
        node.items.push_back(convert(item, join_key(at, std::to_string(node.items.size())), depth + 1));
    } else if (yaml.IsMap()) {
      convert_map(yaml, at, depth, node);
    }
    return node;
  }

 private:
  void convert_map(const YAML::Node& yaml, const std::string& at, int depth, Node& node) {
    node.kind = Node::Kind::map;
    for (const auto& entry : yaml) {
      const std::string origin = locate_(entry.first.Mark());
      if (!entry.first.IsScalar()) {
        problems_.add(origin, at, "a key must be plain text");
        continue;
      }
      const std::string& key = entry.first.Scalar();
      if (const Node* first = node.find(key)) {
        problems_.add(origin, join_key(at, key), "duplicate key", "first at " + first->origin);
        continue;
      }
      node.entries.push_back({key, convert(entry.second, join_key(at, key), depth + 1)});
      node.entries.back().value.origin = origin;  // the key's line, not that of a list or map that begins below it
    }
  }

  Locate locate_;
  Problems& problems_;
};

Node parse(const std::string& text, const Locate& locate, Problems& problems) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() > 1) problems.add(locate(documents[1].Mark()), "", "text after the end of the YAML value");
    if (!documents.empty()) return Converter(locate, problems).convert(documents.front(), "");
  } catch (const YAML::Exception& error) {
    problems.add(locate(error.mark), "", "not valid YAML: " + error.msg);
  }
  return {};
}

/// x of a comment line `# @package x` before the first line that is no comment.
std::string package_directive(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && (line.empty() || line[0] == '#');) {
    std::istringstream words(line);
    std::string hash, directive, package;
    if (words >> hash >> directive >> package && hash == "#" && directive == "@package") return package;
  }
  return {};
}

}  // namespace

const Node* Node::find(const std::string& key) const {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const NodeEntry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &found->value;
}

Node* Node::find(const std::string& key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

Node scalar_node(const std::string& text, const std::string& origin) {
  Node node;
  node.kind = Node::Kind::scalar;
  node.text = text;
  node.origin = origin;
  return node;
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::scalar: return "'" + node.text + "'";
    case Node::Kind::list: return "a list";
    case Node::Kind::map: return "a map";
    case Node::Kind::null: break;
  }
  return "nothing";
}

std::string join_key(const std::string& prefix, const std::string& name) {
  if (prefix.empty() || name.empty()) return prefix + name;
  return prefix + "." + name;
}

YamlFile read_yaml_file(const std::filesystem::path& path, const std::string& shown_name, Problems& problems) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) {
    problems.add(shown_name, "", "cannot be read");
    return {};
  }
  const auto locate = [&](const YAML::Mark& mark) {
    return mark.is_null() ? shown_name : fmt::format("{}:{}", shown_name, mark.line + 1);
  };
  return {parse(text, locate, problems), package_directive(text)};
}

Node parse_yaml_value(const std::string& text, const std::string& origin, Problems& problems) {
  return parse(
      text, [&](const YAML::Mark&) { return origin; }, problems);
}

}  // namespace latentcrs
