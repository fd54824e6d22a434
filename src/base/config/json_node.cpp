#include "base/config/json_node.h"

#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/config/numbers.h"

namespace latentcrs {

using nlohmann::ordered_json;

Node to_node(const ordered_json& value, const std::string& origin) {
  Node node;
  if (value.is_string()) {
    node = text_node(value.get<std::string>(), origin);
  } else if (value.is_boolean()) {
    node = boolean_node(value.get<bool>(), origin);
  } else if (value.is_number_float()) {
    node = real_node(value.get<double>(), origin);
  } else if (value.is_number()) {
    node = integer_node(value.dump(), origin);
  } else if (value.is_array()) {
    node = list_node({}, origin);
    for (const ordered_json& item : value) node.items.push_back(to_node(item, origin));
  } else if (value.is_object()) {
    node = map_node(origin);
    for (const auto& [key, item] : value.items()) node.entries.push_back({key, to_node(item, origin)});
  } else {
    node = null_node(origin);
  }
  return node;
}

std::optional<Node> object_node(const std::string& text, const std::string& origin) {
  const ordered_json value = ordered_json::parse(text.empty() ? "{}" : text, nullptr, false);
  if (!value.is_object()) return std::nullopt;
  return to_node(value, origin);
}

std::optional<ordered_json> json_of(const Node& node, std::string& problem) {
  switch (node.kind) {
    case Node::Kind::null: return ordered_json();
    case Node::Kind::boolean: return ordered_json(node.text == "True");
    case Node::Kind::text: return ordered_json(node.text);
    case Node::Kind::real:
      if (std::isfinite(node.real)) return ordered_json(node.real);
      problem = node.text + " is no number that JSON can hold";
      return std::nullopt;
    case Node::Kind::integer: {
      if (const auto value = int64_of(node)) return ordered_json(*value);
      uint64_t large = 0;
      const char* end = node.text.data() + node.text.size();
      const auto [stop, error] = std::from_chars(node.text.data(), end, large);
      if (error == std::errc{} && stop == end) return ordered_json(large);
      problem = node.text + " does not fit into 64 bits";
      return std::nullopt;
    }
    case Node::Kind::list: {
      ordered_json list = ordered_json::array();
      for (const Node& item : node.items) {
        const std::optional<ordered_json> value = json_of(item, problem);
        if (!value) return std::nullopt;
        list.push_back(*value);
      }
      return list;
    }
    case Node::Kind::map: break;
  }
  ordered_json object = ordered_json::object();
  for (const NodeEntry& entry : node.entries) {
    const std::optional<ordered_json> value = json_of(entry.value, problem);
    if (!value) return std::nullopt;
    object[entry.key] = *value;
  }
  return object;
}

}  // namespace latentcrs
