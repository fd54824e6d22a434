// A field's value: from a YAML node, and to JSON and YAML text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "base/config/node.h"
#include "base/config/problems.h"
#include "base/config/schema.h"

namespace latentcrs {

/// Stores `node` in the field if its type, range and choice are right; otherwise reports every part that is wrong.
void assign(const Field& field, const Node& node, Problems& problems);

/// The field's value; list entries of maps keep the schema's order.
nlohmann::ordered_json to_json(const Field& field);

/// The value as one line of YAML that reads back as the same value.
std::string to_yaml_text(const nlohmann::ordered_json& value);

/// The text as a configuration writes it: `${` would be an interpolation, `\${` is itself, and a backslash before it is
/// written twice.
std::string without_interpolations(const std::string& text);

}  // namespace latentcrs
