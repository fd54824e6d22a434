#include "datasets/data/text_list.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace latentcrs {

namespace {

using Texts = std::vector<std::string>;

std::optional<Texts> parse_json(std::string_view text) {
  const nlohmann::json list = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) return std::nullopt;
  Texts texts;
  for (const nlohmann::json& item : list) {
    if (!item.is_string()) return std::nullopt;
    texts.push_back(item.get<std::string>());
  }
  return texts;
}

void skip_blanks(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
}

bool take(std::string_view& rest, char wanted) {
  if (!rest.starts_with(wanted)) return false;
  rest.remove_prefix(1);
  return true;
}

/// The character that stands behind a backslash in Python's repr of a printable text.
std::optional<char> escaped(char letter) {
  switch (letter) {
    case '\\':
    case '\'':
    case '"': return letter;
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return std::nullopt;
  }
}

std::optional<std::string> take_text(std::string_view& rest) {
  const char quote = rest.empty() ? '\0' : rest.front();
  if (quote != '\'' && quote != '"') return std::nullopt;
  std::string text;
  for (size_t i = 1; i < rest.size(); ++i) {
    char c = rest[i];
    if (c == quote) {
      rest.remove_prefix(i + 1);
      return text;
    }
    if (c == '\\') {
      const auto letter = i + 1 < rest.size() ? escaped(rest[++i]) : std::nullopt;
      if (!letter) return std::nullopt;
      c = *letter;
    }
    text += c;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Texts> parse_text_list(std::string_view text) {
  if (auto texts = parse_json(text)) return texts;
  Texts texts;
  std::string_view rest = text;
  skip_blanks(rest);
  if (!take(rest, '[')) return std::nullopt;
  for (skip_blanks(rest); !take(rest, ']'); skip_blanks(rest)) {
    auto item = take_text(rest);
    if (!item) return std::nullopt;
    texts.push_back(std::move(*item));
    skip_blanks(rest);
    if (!take(rest, ',') && !rest.starts_with(']')) return std::nullopt;
  }
  skip_blanks(rest);
  return rest.empty() ? std::optional(texts) : std::nullopt;
}

}  // namespace latentcrs
