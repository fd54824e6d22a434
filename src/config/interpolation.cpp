#include "interpolation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "keys.h"

namespace latentcrs {

namespace {

/// Index of the brace that closes the interpolation at `begin`, or npos.
size_t closing_brace(const std::string& text, size_t begin) {
  int depth = 0;
  for (size_t i = begin; i < text.size(); ++i) {
    if (text.compare(i, 2, "${") == 0)
      ++depth;
    else if (text[i] == '}' && --depth == 0)
      return i;
  }
  return std::string::npos;
}

/// The key that `reference` means in the value of `at`: each leading dot beyond the first goes up one section.
std::string absolute_key(const std::string& reference, const std::string& at) {
  const size_t dots = std::min(reference.find_first_not_of('.'), reference.size());
  if (dots == 0) return reference;
  std::string section = at;
  for (size_t i = 0; i < dots; ++i) {
    const size_t last = section.rfind('.');
    section.resize(last == std::string::npos ? 0 : last);
  }
  return join_key(section, reference.substr(dots));
}

}  // namespace

std::optional<Node> Interpolation::value(const std::string& key) {
  if (const auto known = resolved_.find(key); known != resolved_.end()) return known->second;
  const Node& node = *settings_.find(key);
  if (const auto first = std::find(open_.begin(), open_.end(), key); first != open_.end()) {
    problems_.add(node.origin, key,
                  fmt::format("interpolations in a circle: {} -> {}", fmt::join(first, open_.end(), " -> "), key));
    return std::nullopt;
  }
  open_.push_back(key);
  std::optional<Node> result = resolve(node, key);
  open_.pop_back();
  return resolved_[key] = std::move(result);
}

std::optional<Node> Interpolation::resolve(const Node& node, const std::string& at) {
  if (node.kind == Node::Kind::scalar) return resolve_scalar(node, at);
  Node result = node;
  bool complete = true;
  const auto replace = [&](Node& part, const std::string& name) {
    std::optional<Node> value = resolve(part, join_key(at, name));
    complete = complete && value.has_value();
    if (value) part = std::move(*value);
  };
  for (size_t i = 0; i < result.items.size(); ++i) replace(result.items[i], std::to_string(i));
  for (NodeEntry& entry : result.entries) replace(entry.value, entry.key);
  if (!complete) return std::nullopt;
  return result;
}

std::optional<Node> Interpolation::resolve_scalar(const Node& node, const std::string& at) {
  const std::string& text = node.text;
  if (text.find("${") == std::string::npos) return node;
  std::string result;
  for (size_t i = 0; i < text.size();) {
    if (text.compare(i, 3, "\\${") == 0) {
      result += "${";
      i += 3;
      continue;
    }
    if (text.compare(i, 2, "${") != 0) {
      result += text[i++];
      continue;
    }
    const size_t end = closing_brace(text, i);
    if (end == std::string::npos) {
      problems_.add(node.origin, at, "an interpolation without its closing brace: " + text);
      return std::nullopt;
    }
    std::optional<Node> value = refer(text.substr(i + 2, end - i - 2), node, at);
    if (!value) return std::nullopt;
    if (i == 0 && end + 1 == text.size()) {  // the whole text: keeps lists, and the place where it was written
      value->origin = node.origin;
      value->written = text;
      return value;
    }
    if (value->kind == Node::Kind::list || value->kind == Node::Kind::map) {
      problems_.add(node.origin, at, describe(*value) + " cannot stand inside text: " + text);
      return std::nullopt;
    }
    result += value->text;
    i = end + 1;
  }
  Node replaced = scalar_node(result, node.origin);
  replaced.written = text;
  return replaced;
}

std::optional<Node> Interpolation::refer(const std::string& reference, const Node& from, const std::string& at) {
  const std::optional<Node> inner = resolve_scalar(scalar_node(reference, from.origin), at);  // ${a.${b}}
  if (!inner) return std::nullopt;
  const auto fail = [&](const std::string& problem, const std::string& hint = {}) {
    problems_.add(from.origin, at, fmt::format("${{{}}}: {}", inner->text, problem), hint);
    return std::nullopt;
  };
  if (inner->text.find(':') != std::string::npos) return fail("resolvers are not supported, only keys are");
  const std::string key = absolute_key(inner->text, at);
  if (is_section(key)) return fail("is a section, not a value");
  if (settings_.find(key) == nullptr) {
    const UnknownKey unknown = explain_unknown_key(key);
    return fail(unknown.problem, unknown.hint);
  }
  const std::string known = canonical_key(key);
  std::optional<Node> value = this->value(known.empty() ? key : known);
  if (value && value->kind == Node::Kind::scalar && value->text == kMissing) return std::nullopt;
  return value;
}

}  // namespace latentcrs
