#include "base/config/interpolation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/config/json_node.h"
#include "base/config/numbers.h"
#include "base/config/tree_update.h"
#include "base/config/yaml_file.h"

namespace latentcrs {

namespace {

using Kind = Expression::Kind;

/// A mistake in an interpolation. It is reported if `problem` is given; otherwise it already is, or must not be.
struct Failure {
  std::string written;  // the interpolation
  std::string problem;
  std::string hint;
};

constexpr size_t kMaxNodes = 100'000;  // of all values together
constexpr size_t kMaxText = 1 << 20;   // characters of one value
constexpr size_t kMaxOpen = 64;        // interpolations that refer to each other in a row
constexpr char kDotInName = '\x01';

/// A key of a map as a part of a dotted key: a dot in it does not separate anything.
std::string key_part(std::string name) {
  std::replace(name.begin(), name.end(), '.', kDotInName);
  return name;
}

size_t count_nodes(const Node& node) {
  size_t count = 1;
  for (const Node& item : node.items) count += count_nodes(item);
  for (const NodeEntry& entry : node.entries) count += count_nodes(entry.value);
  return count;
}

/// The parts of "a[0].b": a, 0, b.
std::vector<std::string> parts_of_path(const std::string& path) {
  std::string dotted;
  for (const char c : path) {
    if (c == ']') continue;
    dotted += c == '[' ? '.' : c;
  }
  if (dotted.starts_with('.')) dotted.erase(0, 1);  // [a].b
  return split_key(dotted);
}

/// True if a part of a list or map came from an interpolation.
bool holds_interpolation(const Node& node) {
  const auto is_from_one = [](const Node& part) { return !part.interpolation.empty() || holds_interpolation(part); };
  return std::any_of(node.items.begin(), node.items.end(), is_from_one) ||
         std::any_of(node.entries.begin(), node.entries.end(),
                     [&](const NodeEntry& entry) { return is_from_one(entry.value); });
}

}  // namespace

/// The value that a key leads to.
struct Interpolation::Found {
  const Node* node = nullptr;  // in the tree, at `key`
  std::string key;
  std::optional<Node> value;  // already resolved, where the way led through an interpolation
  std::string problem;        // set if the way ends at a value that is neither map nor list
  bool failed = false;        // an interpolation on the way has a mistake, which was reported
};

std::optional<Node> Interpolation::value(const std::string& key) {
  const Found found = find(key);
  if (found.value) return found.value;
  if (found.node != nullptr) return resolve(*found.node, found.key);
  if (!found.problem.empty()) problems_.add("", key, found.problem);
  return std::nullopt;
}

std::optional<Node> Interpolation::value(const Node& node, const std::string& key) { return resolve(node, key); }

void Interpolation::report(const Node& node, std::string at, const std::string& problem, const std::string& hint) {
  std::replace(at.begin(), at.end(), kDotInName, '.');
  problems_.add(node.origin, at, problem, hint);
}

std::optional<Node> Interpolation::resolve(const Node& node, const std::string& at) {
  if (++num_nodes_ > kMaxNodes) {
    report(node, at, "the interpolations give too many values");
    return std::nullopt;
  }
  if (node.kind == Node::Kind::map) return resolve_map(node, at);
  if (node.kind == Node::Kind::list) {
    Node result = node;
    for (size_t i = 0; i < result.items.size(); ++i) {
      std::optional<Node> item = resolve(node.items[i], join_key(at, std::to_string(i)));
      if (!item) return std::nullopt;
      result.items[i] = std::move(*item);
    }
    return result;
  }
  if (!has_interpolation(node)) return node;
  if (const auto known = resolved_.find(at); known != resolved_.end()) return known->second;
  if (const auto first = std::find(open_.begin(), open_.end(), at); first != open_.end()) {
    report(node, at, fmt::format("interpolations in a circle: {} -> {}", fmt::join(first, open_.end(), " -> "), at));
    return std::nullopt;
  }
  if (open_.size() >= kMaxOpen) {
    report(node, at, fmt::format("more than {} interpolations refer to each other", kMaxOpen));
    return std::nullopt;
  }
  open_.push_back(at);
  std::optional<Node> result = resolve_text(node, at);
  open_.pop_back();
  return resolved_[at] = std::move(result);
}

std::optional<Node> Interpolation::resolve_map(const Node& node, const std::string& at) {
  Node own = node;
  bool complete = true;
  for (NodeEntry& entry : own.entries) {
    std::optional<Node> value = resolve(entry.value, join_key(at, key_part(entry.key)));
    complete = complete && value.has_value();
    if (value) entry.value = std::move(*value);
  }
  if (!complete) return std::nullopt;
  if (node.base.empty()) return own;
  own.base.clear();
  std::optional<Node> base = resolve_text(text_node(node.base, node.origin), at);
  if (base && base->kind == Node::Kind::text) base = object_node(base->text, base->origin);
  if (!base) return std::nullopt;
  if (base->kind != Node::Kind::map) return own;
  base->origin = node.origin;
  merge_tree(*base, own, at, NewKeys::allowed, problems_);
  return base;
}

std::optional<Node> Interpolation::resolve_text(const Node& node, const std::string& at) {
  try {
    Node result = evaluate(parse_interpolated_text(node.text), at);
    result.origin = node.origin;
    result.interpolation = node.text;
    num_nodes_ += count_nodes(result);
    if (num_nodes_ > kMaxNodes) throw Failure{node.text, "the interpolations give too many values", ""};
    return result;
  } catch (const WrongInterpolation& e) {
    report(node, at, fmt::format("{}: {}", e.what(), node.text));
  } catch (const Failure& failure) {
    if (!failure.problem.empty()) report(node, at, failure.written + ": " + failure.problem, failure.hint);
  }
  return std::nullopt;
}

Interpolation::Found Interpolation::find(const std::string& key) {
  Found found = find_in(root_, "", split_key(key), 0);
  if (found.node != nullptr || found.value || found.failed || !rules_.respell) return found;
  const std::string other = rules_.respell(key);
  return other.empty() || other == key ? found : find_in(root_, "", split_key(other), 0);
}

const Node* Interpolation::child_of(const Node& node, const std::string& name, const std::string& at) const {
  if (node.kind == Node::Kind::map) return node.find(name);
  if (rules_.items_by_name)
    for (const Node& item : node.items)
      if (const Node* own = item.find("name"); own != nullptr && own->text == name) return &item;
  const std::optional<std::string> digits = python_int(name);
  if (!digits) throw Failure{at, fmt::format("'{}' is no index of a list", name), ""};
  const auto size = static_cast<int64_t>(node.items.size());
  int64_t index = int64_of(integer_node(*digits)).value_or(size);
  if (index < 0) index += size;
  return index >= 0 && index < size ? &node.items[static_cast<size_t>(index)] : nullptr;
}

Interpolation::Found Interpolation::find_in(const Node& root, const std::string& root_key,
                                            const std::vector<std::string>& path, size_t first) {
  Found found;
  const Node* node = &root;
  std::string key = root_key;
  for (size_t i = first; i < path.size(); ++i) {
    if (has_interpolation(*node) || !node->base.empty()) {
      const std::optional<Node> value = resolve(*node, key);
      if (!value) {
        found.failed = true;
        return found;
      }
      Found inner = find_in(*value, key, path, i);
      if (inner.node != nullptr) inner.value = *inner.node;  // a part of `value`, which does not last
      inner.node = nullptr;
      return inner;
    }
    if (!node->is_container()) {
      found.problem = fmt::format("{} is {} and has nothing below it", key, describe(*node));
      return found;
    }
    const Node* child = child_of(*node, path[i], join_key(key, path[i]));
    if (child == nullptr) return found;
    key = join_key(key, path[i]);
    node = child;
  }
  found.node = node;
  found.key = key;
  return found;
}

/// The key that `reference` means in the value of `at`: each leading dot beyond the first goes up one section.
std::optional<std::string> Interpolation::absolute_key(const std::string& reference, const std::string& at) const {
  const size_t dots = std::min(reference.find_first_not_of('.'), reference.size());
  std::vector<std::string> path = parts_of_path(reference.substr(dots));
  if (dots > 0) {
    std::vector<std::string> section = split_key(at);
    for (size_t i = 0; i < dots; ++i) {
      if (section.empty()) return std::nullopt;
      section.pop_back();
    }
    path.insert(path.begin(), section.begin(), section.end());
  }
  return fmt::format("{}", fmt::join(path, "."));
}

/// The value that `reference` leads to, resolved into `value`; without `value` and `failed` there is no such key.
Interpolation::Found Interpolation::select(const std::string& reference, const std::string& at) {
  const std::optional<std::string> key = absolute_key(reference, at);
  if (!key) {
    Found found;
    found.problem = "there are not so many sections above";
    return found;
  }
  Found found = find(*key);
  if (found.node == nullptr) {
    found.key = *key;
    return found;
  }
  found.value = resolve(*found.node, found.key);
  found.failed = !found.value;
  return found;
}

Node Interpolation::evaluate(const Expression& expression, const std::string& at) {
  switch (expression.kind) {
    case Kind::literal: return expression.value;
    case Kind::reference: return evaluate_reference(expression, at);
    case Kind::call: return call(expression, at);
    case Kind::text: return text_node(key_text(expression.parts, at));
    case Kind::list: {
      Node list = list_node({});
      for (const Expression& part : expression.parts) list.items.push_back(evaluate(part, at));
      return list;
    }
    case Kind::map: break;
  }
  Node map = map_node();
  for (size_t i = 0; i < expression.parts.size(); ++i) {
    NodeEntry entry = expression.value.entries[i];
    entry.value = evaluate(expression.parts[i], at);
    map.entries.push_back(std::move(entry));
  }
  return map;
}

std::string Interpolation::key_text(const std::vector<Expression>& parts, const std::string& at) {
  std::string text;
  for (const Expression& part : parts) {
    const Node value = evaluate(part, at);
    if (holds_interpolation(value))  // OmegaConf would leave them unresolved
      throw Failure{part.written, describe(value) + " that holds interpolations cannot stand inside text", ""};
    text += python_text(value);
  }
  if (text.size() > kMaxText) throw Failure{"", "the text gets too long", ""};
  return text;
}

Node Interpolation::evaluate_reference(const Expression& expression, const std::string& at) {
  const std::string reference = key_text(expression.parts, at);
  const std::string written = "${" + reference + "}";
  const Found found = select(reference, at);
  if (found.failed) throw Failure{};
  if (!found.problem.empty()) throw Failure{written, found.problem, ""};
  if (!found.value) {
    const UnknownKey unknown = rules_.explain ? rules_.explain(found.key) : UnknownKey{"there is no such key", ""};
    throw Failure{written, unknown.problem, unknown.hint};
  }
  if (found.value->is_text(kMissing)) throw Failure{};
  return *found.value;
}

namespace {

using Arguments = std::vector<Node>;

const Node& text_argument(const Arguments& arguments, size_t index, const std::string& written) {
  if (index >= arguments.size()) throw Failure{written, "an argument is missing", ""};
  if (arguments[index].kind != Node::Kind::text)
    throw Failure{written, fmt::format("{} is no text", describe(arguments[index])), "quote it"};
  return arguments[index];
}

void check_count(const Arguments& arguments, size_t most, const std::string& written) {
  if (arguments.size() > most) throw Failure{written, "too many arguments", ""};
}

/// A text is YAML, of which a word alone is the key of a map; other values must be a map, a list or null.
Node created(const Arguments& arguments, const std::string& written) {
  check_count(arguments, 1, written);
  if (arguments.empty()) throw Failure{written, "an argument is missing", ""};
  if (arguments.front().is_container() || arguments.front().kind == Node::Kind::null) return arguments.front();
  Problems problems;
  const Node node = read_yaml_text(text_argument(arguments, 0, written).text, written, problems).root;
  if (problems.count() == 0 && node.is_container()) return node;
  if (problems.count() > 0 || node.kind != Node::Kind::text) throw Failure{written, "it is no map and no list", ""};
  Node map = map_node();
  map.set(node.text, null_node());
  return map;
}

/// The variable's text, else the default as text, or null.
Node environment(const Arguments& arguments, const std::string& written) {
  check_count(arguments, 2, written);
  const std::string& name = text_argument(arguments, 0, written).text;
  if (const char* value = std::getenv(name.c_str())) return text_node(value);
  if (arguments.size() == 1) throw Failure{written, "the environment variable " + name + " is not set", ""};
  return arguments[1].kind == Node::Kind::null ? arguments[1] : text_node(python_text(arguments[1]));
}

}  // namespace

Node Interpolation::call(const Expression& expression, const std::string& at) {
  const std::string& written = expression.written;
  const std::string name = key_text(expression.name, at);
  Arguments arguments;
  for (const Expression& part : expression.parts) arguments.push_back(evaluate(part, at));
  const auto selected = [&] {
    Found found = select(text_argument(arguments, 0, written).text, at);
    if (found.failed) throw Failure{};
    if (!found.problem.empty()) throw Failure{written, found.problem, ""};
    return found.value;
  };
  if (name == "oc.env") return environment(arguments, written);
  if (name == "oc.create") {
    const std::optional<Node> value = resolve(created(arguments, written), at);
    if (!value) throw Failure{};
    return *value;
  }
  if (name == "oc.decode") {
    check_count(arguments, 1, written);
    if (arguments.size() == 1 && arguments.front().kind == Node::Kind::null) return arguments.front();
    return evaluate(parse_resolver_value(text_argument(arguments, 0, written).text), at);
  }
  if (name == "oc.select") {
    check_count(arguments, 2, written);
    std::optional<Node> value = selected();
    if (value && !value->is_text(kMissing)) return *value;
    return arguments.size() == 2 ? arguments[1] : null_node();
  }
  if (name == "oc.dict.keys" || name == "oc.dict.values") {
    check_count(arguments, 1, written);
    const std::optional<Node> map = selected();
    if (!map || map->kind != Node::Kind::map) throw Failure{written, "it is no map", ""};
    Node list = list_node({});
    for (const NodeEntry& entry : map->entries) {
      const Node key = entry.key_kind == Node::Kind::integer ? integer_node(entry.key) : text_node(entry.key);
      list.items.push_back(name == "oc.dict.keys" ? key : entry.value);
    }
    return list;
  }
  throw Failure{written, "there is no resolver " + name,
                "resolvers: oc.env, oc.decode, oc.select, oc.create, oc.dict.keys, oc.dict.values"};
}

void check_interpolations(const Node& node, const std::string& at, Problems& problems) {
  for (size_t i = 0; i < node.items.size(); ++i)
    check_interpolations(node.items[i], join_key(at, std::to_string(i)), problems);
  for (const NodeEntry& entry : node.entries) check_interpolations(entry.value, join_key(at, entry.key), problems);
  if (!has_interpolation(node)) return;
  try {
    parse_interpolated_text(node.text);
  } catch (const WrongInterpolation& e) {
    problems.add(node.origin, at, fmt::format("{}: {}", e.what(), node.text));
  }
}

}  // namespace latentcrs
