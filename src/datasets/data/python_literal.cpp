#include "datasets/data/python_literal.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/util/text.h"

namespace latentcrs {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";

bool is_word_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_'; }

/// Reads one literal from front to back, and writes it as JSON.
class LiteralConverter {
 public:
  explicit LiteralConverter(std::string_view text) : rest_(text) {}

  std::optional<std::string> convert() {
    while (!rest_.empty()) {
      if (!convert_token()) return std::nullopt;
    }
    return std::move(json_);
  }

 private:
  bool convert_token() {
    const char c = rest_.front();
    if (c == '\'' || c == '"') return convert_text();
    if (is_word_letter(c) || c == '-' || c == '+' || c == '.') return convert_word();
    rest_.remove_prefix(1);
    if (c == ']' || c == ')' || c == '}') return close(c == ')' ? ']' : c);
    if (kWhiteSpace.find(c) != std::string_view::npos) return true;
    if (c != '[' && c != '(' && c != '{' && c != ',' && c != ':') return false;
    json_ += c == '(' ? '[' : c;
    return true;
  }

  /// Python allows a comma behind the last element.
  bool close(char bracket) {
    if (json_.ends_with(',')) json_.pop_back();
    json_ += bracket;
    return true;
  }

  bool convert_word() {
    const auto in_word = [](char c) { return is_word_letter(c) || c == '-' || c == '+' || c == '.'; };
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), in_word);
    std::string_view word = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
    rest_.remove_prefix(word.size());
    const bool text_follows = !rest_.empty() && (rest_.front() == '\'' || rest_.front() == '"');
    if (text_follows) return (word == "u" || word == "U") && convert_text();
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNames = {
        {{"None", "null"}, {"True", "true"}, {"False", "false"}, {"nan", "null"}, {"inf", "null"}, {"-inf", "null"}}};
    for (const auto& [python, json] : kNames) {
      if (word != python) continue;
      json_ += json;
      return true;
    }
    if (word.ends_with('L')) word.remove_suffix(1);  // a long integer of Python 2
    if (word.empty() || word.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return false;
    json_ += word;
    return true;
  }

  bool convert_text() {
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    json_ += '"';
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == quote) {
        json_ += '"';
        return true;
      }
      if (c == '\\') {
        if (!convert_escape()) return false;
      } else if (c == '"') {
        json_ += "\\\"";
      } else if (c == '\t') {
        json_ += "\\t";
      } else {
        json_ += c;
      }
    }
    return false;
  }

  bool convert_escape() {
    if (rest_.empty()) return false;
    const char letter = rest_.front();
    rest_.remove_prefix(1);
    switch (letter) {
      case '\'': json_ += '\''; return true;
      case '"':
      case '\\':
      case 'n':
      case 'r':
      case 't':
      case 'b':
      case 'f':
        json_ += '\\';
        json_ += letter;
        return true;
      case 'a': json_ += "\\u0007"; return true;
      case 'v': json_ += "\\u000b"; return true;
      case '0': json_ += "\\u0000"; return true;
      case 'x': return convert_hex(2);
      case 'u': return convert_hex(4);
      case 'U': return convert_hex(8);
      default: return false;
    }
  }

  bool convert_hex(size_t digits) {
    const std::string_view hex = rest_.substr(0, digits);
    if (hex.size() < digits || hex.find_first_not_of(kHexDigits) != std::string_view::npos) return false;
    rest_.remove_prefix(digits);
    const unsigned long code = std::stoul(std::string(hex), nullptr, 16);
    constexpr unsigned long kLastCode = 0x10FFFF, kFirstBeyond16Bits = 0x10000;
    if (code > kLastCode) return false;
    if (code < kFirstBeyond16Bits) {
      add_unit(code);
    } else {
      add_unit(0xD800 + ((code - kFirstBeyond16Bits) >> 10));
      add_unit(0xDC00 + ((code - kFirstBeyond16Bits) & 0x3FF));
    }
    return true;
  }

  /// \uXXXX
  void add_unit(unsigned long unit) {
    json_ += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) json_ += kHexDigits[(unit >> shift) & 0xF];
  }

  std::string_view rest_;
  std::string json_;
};

}  // namespace

std::optional<std::string> json_from_python(std::string_view literal) { return LiteralConverter(literal).convert(); }

bool looks_like_python(std::string_view line) {
  const std::string_view text = trimmed(line);
  return text.starts_with("{'") || text.starts_with("{u'") || text.starts_with("{u\"");
}

}  // namespace latentcrs
