#include "base/config/override_value.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace latentcrs {

namespace {

/// Between quotation marks `quote`; backslashes are doubled where they stand before one.
std::string quoted_with(const std::string& text, char quote) {
  std::string result(1, quote);
  size_t backslashes = 0;
  for (const char c : text) {
    if (c == quote) result += std::string(backslashes, '\\') + "\\";
    backslashes = c == '\\' ? backslashes + 1 : 0;
    result += c;
  }
  return result + std::string(backslashes, '\\') + quote;
}

std::string escaped(const std::string& text) {
  static constexpr std::string_view special = "\\()[]{}:=, \t";
  std::string result;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

}  // namespace

std::string quoted_text(const std::string& text) { return quoted_with(text, '\''); }

std::string override_text(const Node& value) {
  std::vector<std::string> parts;
  switch (value.kind) {
    case Node::Kind::null: return "null";
    case Node::Kind::text: return value.quote != 0 ? quoted_with(value.text, value.quote) : escaped(value.text);
    case Node::Kind::list:
      for (const Node& item : value.items) parts.push_back(override_text(item));
      return fmt::format("[{}]", fmt::join(parts, ","));
    case Node::Kind::map:
      for (const NodeEntry& entry : value.entries)
        parts.push_back((entry.key_kind == Node::Kind::text ? escaped(entry.key) : entry.key) + ":" +
                        override_text(entry.value));
      return fmt::format("{{{}}}", fmt::join(parts, ","));
    default: return value.text;
  }
}

}  // namespace latentcrs
