#include "base/config/words.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/config/numbers.h"
#include "base/util/text.h"

namespace latentcrs {

namespace {

constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

char at(std::string_view text, size_t i) { return i < text.size() ? text[i] : '\0'; }

/// Length of a row of digits, with single underscores between them, at the beginning of the text.
size_t digits_length(std::string_view text) {
  if (!is_digit(at(text, 0))) return 0;
  size_t length = 1;
  while (is_digit(at(text, length)) || (at(text, length) == '_' && is_digit(at(text, length + 1)))) ++length;
  return length;
}

size_t sign_length(std::string_view text) { return at(text, 0) == '+' || at(text, 0) == '-' ? 1 : 0; }

/// Length of `word`, in letters of either case, at the beginning of `text`; 0: another text.
size_t keyword_length(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return 0;
  for (size_t i = 0; i < word.size(); ++i)
    if ((text[i] | 0x20) != word[i]) return 0;
  return word.size();
}

size_t real_length(std::string_view text) {
  const size_t sign = sign_length(text);
  const std::string_view rest = text.substr(sign);
  for (const char* word : {"inf", "nan"})
    if (const size_t length = keyword_length(rest, word); length > 0) return sign + length;
  const size_t whole = unsigned_length(rest);
  size_t length = whole;
  bool is_real = false;
  if (at(rest, length) == '.') {
    const size_t fraction = digits_length(rest.substr(length + 1));
    if (whole + fraction == 0) return 0;
    length += 1 + fraction;
    is_real = true;
  }
  if (length > 0 && (at(rest, length) == 'e' || at(rest, length) == 'E')) {
    const size_t begin = length + 1 + sign_length(rest.substr(length + 1));
    if (const size_t exponent = begin <= rest.size() ? digits_length(rest.substr(begin)) : 0; exponent > 0) {
      length = begin + exponent;
      is_real = true;
    }
  }
  return is_real ? sign + length : 0;
}

size_t integer_length(std::string_view text) {
  const size_t sign = sign_length(text);
  const size_t digits = unsigned_length(text.substr(sign));
  return digits == 0 ? 0 : sign + digits;
}

size_t escape_length(std::string_view text) {
  static constexpr std::string_view escaped = "\\()[]{}:=, \t";
  size_t length = 0;
  while (at(text, length) == '\\' && length + 1 < text.size() &&
         escaped.find(text[length + 1]) != std::string_view::npos)
    length += 2;
  return length;
}

size_t blank_length(std::string_view text) { return std::min(text.find_first_not_of(" \t"), text.size()); }

size_t symbol_length(std::string_view text) {
  static constexpr std::string_view symbols = "/-\\+.$%*@?|";
  return !text.empty() && symbols.find(text[0]) != std::string_view::npos ? 1 : 0;
}

}  // namespace

bool is_name_start(char c) { return is_letter(c) || c == '_'; }

size_t name_length(std::string_view text) {
  if (!is_name_start(at(text, 0))) return 0;
  size_t length = 1;
  while (is_name_start(at(text, length)) || is_digit(at(text, length)) || at(text, length) == '-') ++length;
  return length;
}

size_t unsigned_length(std::string_view text) { return at(text, 0) == '0' ? 1 : digits_length(text); }

FoundWord longest_word(std::string_view text) {
  const std::array<FoundWord, 8> candidates = {
      {{Word::real, real_length(text)},
       {Word::integer, integer_length(text)},
       {Word::boolean, std::max(keyword_length(text, "true"), keyword_length(text, "false"))},
       {Word::null, keyword_length(text, "null")},
       {Word::symbol, symbol_length(text)},
       {Word::name, name_length(text)},
       {Word::escape, escape_length(text)},
       {Word::blank, blank_length(text)}}};
  FoundWord found;
  for (const FoundWord& candidate : candidates)
    if (candidate.length > found.length) found = candidate;
  return found;
}

Node word_value(Word kind, const std::string& text) {
  Node value;
  switch (kind) {
    case Word::real: value = real_node(python_real(text).value_or(0)); break;
    case Word::integer: value = integer_node(python_int(text).value_or("0")); break;
    case Word::boolean: value = boolean_node((text[0] | 0x20) == 't'); break;
    case Word::null: return null_node();
    case Word::escape: return text_node(unescape(text));
    default: return text_node(text);
  }
  value.raw = text;
  return value;
}

std::string unescape(const std::string& text) {
  std::string plain;
  for (size_t i = 1; i < text.size(); i += 2) plain += text[i];
  return plain;
}

}  // namespace latentcrs
