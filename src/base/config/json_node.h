// JSON as nodes and nodes as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/config/node.h"

namespace latentcrs {

/// The value as a node. Text is taken as it is: a default may contain an interpolation.
Node to_node(const nlohmann::ordered_json& value, const std::string& origin);

/// Parses a JSON object; nullopt for any other text.
std::optional<Node> object_node(const std::string& text, const std::string& origin);

/// A node as JSON; nullopt with the reason in `problem` for numbers that JSON does not have (inf, nan, 2^64).
std::optional<nlohmann::ordered_json> json_of(const Node& node, std::string& problem);

}  // namespace latentcrs
