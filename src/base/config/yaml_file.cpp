#include "base/config/yaml_file.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <utility>

#include "base/config/numbers.h"
#include "base/config/yaml_scalar.h"

namespace latentcrs {

namespace {

using Locate = std::function<std::string(const YAML::Mark&)>;

constexpr const char* kYamlTag = "tag:yaml.org,2002:";

/// Turns yaml-cpp's tree into ours. An alias that contains itself would never end: depth is bounded.
class Converter {
 public:
  Converter(const std::string& text, Locate locate, Problems& problems)
      : text_(text), locate_(std::move(locate)), problems_(problems) {}

  Node convert(const YAML::Node& yaml, const std::string& at, int depth = 0) {
    constexpr int kMaxDepth = 32;
    constexpr size_t kMaxNodes = 100'000;  // aliases of aliases would give any number
    const std::string origin = locate_(yaml.Mark());
    if (++num_nodes_ > kMaxNodes) {
      problems_.add("", "", fmt::format("the file has more than {} values", kMaxNodes));
      return null_node(origin);
    }
    if (depth > kMaxDepth) {
      problems_.add(origin, at, fmt::format("nested more than {} levels deep", kMaxDepth));
      return null_node(origin);
    }
    if (yaml.IsScalar()) return convert_scalar(yaml, at, origin);
    check_container_tag(yaml, at, origin);
    if (yaml.IsSequence()) {
      Node node = list_node({}, origin);
      for (const YAML::Node& item : yaml) {
        if (item.IsNull() && first_character(item) == ',')
          problems_.add(origin, at, "a comma without a value before it", "null is one");
        node.items.push_back(convert(item, join_key(at, std::to_string(node.items.size())), depth + 1));
      }
      return node;
    }
    if (yaml.IsMap()) return convert_map(yaml, at, depth, origin);
    return convert_nothing(yaml, at, origin);
  }

 private:
  Node convert_scalar(const YAML::Node& yaml, const std::string& at, const std::string& origin) {
    const std::string& text = yaml.Scalar();
    const std::string& tag = yaml.Tag();
    if (tag == "!" && first_character(yaml) == '!') problems_.add(origin, at, "'!' means nothing here", "quote it");
    if (tag == "!" || tag == std::string(kYamlTag) + "str") return text_node(text, origin);
    if (tag == "?" || tag.empty()) {
      if (text.find('\t') != std::string::npos)
        problems_.add(origin, at, "a tab must not stand in plain text", "quote it");
      if (is_reserved_scalar(text)) problems_.add(origin, at, "'" + text + "' means nothing here", "quote it");
      return plain_scalar(text, origin);
    }
    return convert_tagged(tag, text, at, origin);
  }

  /// A text with a tag of YAML's own types.
  Node convert_tagged(const std::string& tag, const std::string& text, const std::string& at,
                      const std::string& origin) {
    Node plain = plain_scalar(text, origin);
    if (tag == std::string(kYamlTag) + "int" && plain.kind == Node::Kind::integer) return plain;
    if (tag == std::string(kYamlTag) + "bool" && plain.kind == Node::Kind::boolean) return plain;
    if (tag == std::string(kYamlTag) + "null") return null_node(origin);
    if (tag == std::string(kYamlTag) + "float") {
      if (plain.kind == Node::Kind::real) return plain;
      if (plain.kind == Node::Kind::integer) return real_node(real_of(plain), origin);
    }
    problems_.add(origin, at, fmt::format("'{}' with the tag {} is no value", text, tag), "leave the tag out");
    return null_node(origin);
  }

  /// `v:` is nothing, and so is `v: ~`; `v: !!str` is the empty text.
  Node convert_nothing(const YAML::Node& yaml, const std::string& at, const std::string& origin) {
    const std::string& tag = yaml.Tag();
    if (tag.empty() || tag == "?") return null_node(origin);
    return tag == std::string(kYamlTag) + "str" ? text_node("", origin) : convert_tagged(tag, "", at, origin);
  }

  void check_container_tag(const YAML::Node& yaml, const std::string& at, const std::string& origin) {
    if (!yaml.IsSequence() && !yaml.IsMap()) return;
    const std::string& tag = yaml.Tag();
    const std::string expected = std::string(kYamlTag) + (yaml.IsMap() ? "map" : "seq");
    if (tag.empty() || tag == "?" || tag == "!" || tag == expected) return;
    problems_.add(origin, at, "the tag " + tag + " means nothing here", "leave it out");
  }

  Node convert_map(const YAML::Node& yaml, const std::string& at, int depth, const std::string& origin) {
    Node node = map_node(origin);
    Node merged = map_node(origin);  // of merge keys: `<<: *defaults`
    const bool is_block = yaml.Style() == YAML::EmitterStyle::Block;
    for (const auto& entry : yaml) {
      const std::string place = locate_(entry.first.Mark());
      if (is_block && entry.first.IsScalar() && entry.second.IsNull() && !has_colon(entry.first))
        problems_.add(place, join_key(at, entry.first.Scalar()), "a key without its colon");
      if (is_merge_key(entry.first))
        collect_merged(entry.second, at, depth, place, merged);
      else
        add_entry(entry.first, entry.second, at, depth, place, node);
    }
    for (NodeEntry& entry : node.entries) {
      if (NodeEntry* same = same_entry(merged, entry, at))
        same->value = std::move(entry.value);
      else
        merged.entries.push_back(std::move(entry));
    }
    return merged;
  }

  /// The entry of `merged` that has the key already. Python takes 1 and true for one key, and keeps the first name with
  /// the last value: that is reported, since nobody means it.
  NodeEntry* same_entry(Node& merged, const NodeEntry& entry, const std::string& at) {
    for (NodeEntry& other : merged.entries) {
      if (other.key == entry.key) return &other;
      if (is_same_key(other, key_node(entry)))
        problems_.add(entry.value.origin, join_key(at, entry.key),
                      fmt::format("is the same key as {} ({})", other.key, other.value.origin), "quote one of them");
    }
    return nullptr;
  }

  static bool is_merge_key(const YAML::Node& key) {
    return key.IsScalar() && key.Scalar() == "<<" && key.Tag() != "!" && !key.Tag().ends_with(":str");
  }

  /// The first of several maps that has a key gives its value.
  void collect_merged(const YAML::Node& yaml, const std::string& at, int depth, const std::string& place,
                      Node& merged) {
    if (yaml.IsMap()) {
      for (NodeEntry& entry : convert(yaml, at, depth + 1).entries)
        if (same_entry(merged, entry, at) == nullptr) merged.entries.push_back(std::move(entry));
    } else if (yaml.IsSequence()) {
      for (const YAML::Node& item : yaml) {
        if (item.IsMap())
          collect_merged(item, at, depth + 1, place, merged);
        else
          problems_.add(place, at, "<< takes a map or a list of maps");
      }
    } else {
      problems_.add(place, at, "<< takes a map or a list of maps");
    }
  }

  void add_entry(const YAML::Node& key, const YAML::Node& value, const std::string& at, int depth,
                 const std::string& place, Node& node) {
    if (key.IsSequence() || key.IsMap()) return problems_.add(place, at, "a key must be plain text");
    const Node name = key.IsScalar() && key.Scalar() == "=" ? text_node("=", place) : convert(key, at);
    if (name.kind == Node::Kind::null) return problems_.add(place, at, "a key must not be empty", "quote it");
    const std::string text = key_text(name);
    for (const NodeEntry& other : node.entries)
      if (is_same_key(other, name))
        return problems_.add(place, join_key(at, text), "duplicate key", "first at " + other.value.origin);
    node.entries.push_back({text, convert(value, join_key(at, text), depth + 1), name.kind});
    node.entries.back().value.origin = place;  // the key's line, not that of a list or map that begins below it
  }

  /// False for a line of a block map that is a single word, which yaml-cpp takes for a key without a value.
  bool has_colon(const YAML::Node& key) const {
    const size_t begin = position(key);
    const std::string& name = key.Scalar();
    if (begin == std::string::npos || text_.compare(begin, name.size(), name) != 0)
      return true;  // in quotes, for example
    const size_t before = begin == 0 ? std::string::npos : text_.find_last_not_of(" \t", begin - 1);
    if (before != std::string::npos && text_[before] == '?') return true;
    const size_t next = text_.find_first_not_of(" \t", begin + name.size());
    return next != std::string::npos && text_[next] == ':';
  }

  /// The first character of a node in the text; 0 if it is not known.
  char first_character(const YAML::Node& yaml) const {
    const size_t at = position(yaml);
    return at == std::string::npos ? '\0' : text_[at];
  }

  /// The offset of a node in the text; npos if it is not known.
  size_t position(const YAML::Node& yaml) const {
    static const std::string byte_order_mark = "\xef\xbb\xbf";
    const YAML::Mark mark = yaml.Mark();
    if (mark.is_null() || mark.pos < 0) return std::string::npos;
    const size_t at = static_cast<size_t>(mark.pos) + (text_.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
    return at < text_.size() ? at : std::string::npos;
  }

  const std::string& text_;
  size_t num_nodes_ = 0;
  Locate locate_;
  Problems& problems_;
};

/// Builds nothing, and keeps where the last document began.
class DocumentStart : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& at) override { mark = at; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  YAML::Mark mark;
};

/// The documents of a text. yaml-cpp 0.7 does not always come to an end, so the documents are counted first.
std::vector<YAML::Node> load_documents(const std::string& text) {
  constexpr int kMaxDocuments = 1000;
  std::istringstream input(text);
  YAML::Parser parser(input);
  DocumentStart start;
  int count = 0;
  while (count <= kMaxDocuments && parser.HandleNextDocument(start)) ++count;
  if (count > kMaxDocuments)
    throw YAML::ParserException(
        start.mark, fmt::format("no value can begin here, or there are more than {} documents", kMaxDocuments));
  return YAML::LoadAll(text);
}

Node parse(const std::string& text, const Locate& locate, Problems& problems) {
  try {
    const std::vector<YAML::Node> documents = load_documents(text);
    load_documents(text + "\n...\n");  // throws for a quotation mark without its partner, which passes at the end
    if (documents.size() > 1) problems.add(locate(documents[1].Mark()), "", "text after the end of the YAML value");
    if (!documents.empty()) return Converter(text, locate, problems).convert(documents.front(), "");
  } catch (const YAML::Exception& error) {
    problems.add(locate(error.mark), "", "not valid YAML: " + error.msg);
  }
  return {};
}

/// The x of a comment line `# @package x` (or `#@package x`) before the first line of another kind.
std::optional<std::string> package_directive(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const size_t hash = line.find_first_not_of(" \t\r");
    if (hash == std::string::npos) continue;
    if (line[hash] != '#') break;
    std::istringstream words(line.substr(hash + 1));
    std::string directive, package;
    if (words >> directive && directive == "@package") {
      words >> package;
      return package;
    }
  }
  return std::nullopt;
}

}  // namespace

YamlFile read_yaml_text(const std::string& text, const std::string& shown_name, Problems& problems) {
  const auto locate = [&](const YAML::Mark& mark) {
    return mark.is_null() ? shown_name : fmt::format("{}:{}", shown_name, mark.line + 1);
  };
  return {parse(text, locate, problems), package_directive(text)};
}

YamlFile read_yaml_file(const std::filesystem::path& path, const std::string& shown_name, Problems& problems) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in) {
    problems.add(shown_name, "", "cannot be read");
    return {};
  }
  return read_yaml_text(text, shown_name, problems);
}

}  // namespace latentcrs
