// Reading JSON of services: a field that is missing or of another type reads as null, "" or 0.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "base/util/text.h"

namespace latentcrs {

/// The field `key` of `object`; null if it is missing or `object` is not a JSON object.
inline const nlohmann::json& field(const nlohmann::json& object, const char* key) {
  static const nlohmann::json null;
  if (!object.is_object()) return null;
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}

/// The text in a field; empty if it is missing or not a text.
inline std::string string(const nlohmann::json& object, const char* key) {
  const nlohmann::json& value = field(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

/// The integer in a field; Google writes long ones as strings. One that 64 bits cannot hold reads as 0.
inline int64_t count(const nlohmann::json& object, const char* key) {
  const nlohmann::json& value = field(object, key);
  if (value.is_number_float() && !(std::abs(value.get<double>()) < 0x1p63)) return 0;
  if (value.is_number()) return value.get<int64_t>();
  int64_t number = 0;
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    std::from_chars(text.data(), text.data() + text.size(), number);
  }
  return number;
}

}  // namespace latentcrs
