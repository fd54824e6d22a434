// Reading JSON that others wrote: what is missing or of another type reads as null, "" or 0.
#pragma once

#include <charconv>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace latentcrs {

inline const nlohmann::json& field(const nlohmann::json& object, const char* key) {
  static const nlohmann::json null;
  if (!object.is_object()) return null;
  const auto found = object.find(key);
  return found == object.end() ? null : *found;
}

inline std::string string(const nlohmann::json& object, const char* key) {
  const nlohmann::json& value = field(object, key);
  return value.is_string() ? value.get<std::string>() : std::string();
}

/// An integer, which Google writes as a string where it may be long.
inline int64_t count(const nlohmann::json& object, const char* key) {
  const nlohmann::json& value = field(object, key);
  if (value.is_number()) return value.get<int64_t>();
  int64_t number = 0;
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    std::from_chars(text.data(), text.data() + text.size(), number);
  }
  return number;
}

inline bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

inline std::string trimmed(std::string_view text) {
  if (is_blank(text)) return {};
  const size_t begin = text.find_first_not_of(" \t\r\n");
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

}  // namespace latentcrs
