#include "base/config/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <regex>
#include <string_view>
#include <vector>

#include "base/config/numbers.h"

namespace latentcrs {

namespace {

template <size_t N>
bool is_one_of(const std::string& text, const std::array<const char*, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

constexpr std::array kTrue = {"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"};
constexpr std::array kFalse = {"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"};
constexpr std::array kNull = {"~", "null", "Null", "NULL", ""};

bool is_yaml_integer(const std::string& text) {
  static const std::regex pattern(
      "[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|"
      "[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+");
  return std::regex_match(text, pattern);
}

/// PyYAML's own pattern and the one that OmegaConf adds.
bool is_yaml_real(const std::string& text) {
  static const std::regex pattern(
      "[-+]?[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+][0-9]+)?|\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|"
      "[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\\.[0-9_]*|[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN)|"
      "[-+]?[0-9]+(?:_[0-9]+)*\\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+(?:_[0-9]+)*[eE][-+]?[0-9]+");
  return std::regex_match(text, pattern);
}

/// A number without its sign and underscores.
struct Unsigned {
  bool negative = false;
  std::string digits;
};

Unsigned unsigned_part(std::string text) {
  std::erase(text, '_');
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.erase(0, 1);
  return {negative, text};
}

std::vector<std::string> parts_of_sixty(const std::string& text) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t colon = text.find(':'); colon != std::string::npos; begin = colon + 1, colon = text.find(':', begin))
    parts.push_back(text.substr(begin, colon - begin));
  parts.push_back(text.substr(begin));
  return parts;
}

/// 1:30 is 90.
std::optional<std::string> sixties(const std::string& text) {
  long double value = 0;
  for (const std::string& part : parts_of_sixty(text)) value = value * 60 + std::strtold(part.c_str(), nullptr);
  if (value >= 9007199254740992.0L) return std::nullopt;
  return integer_digits(static_cast<double>(value));
}

/// nullopt for a prefix without digits (0b_).
std::optional<std::string> integer_value(const std::string& text) {
  const auto [negative, digits] = unsigned_part(text);
  const auto of_base = [&, negative = negative](std::string_view rest, int base) -> std::optional<std::string> {
    if (rest.empty()) return std::nullopt;
    return with_sign(negative, decimal_digits(rest, base));
  };
  const std::string_view all = digits;
  if (all.starts_with("0b")) return of_base(all.substr(2), 2);
  if (all.starts_with("0x")) return of_base(all.substr(2), 16);
  if (all.starts_with('0')) return of_base(all, 8);
  if (all.find(':') != std::string_view::npos) {
    const std::optional<std::string> value = sixties(digits);
    if (!value) return std::nullopt;
    return with_sign(negative, *value);
  }
  return of_base(all, 10);
}

double real_value(const std::string& text) {
  const auto [negative, digits] = unsigned_part(text);
  const double sign = negative ? -1 : 1;
  if (digits.size() == 4 && digits[0] == '.' && (digits[1] == 'i' || digits[1] == 'I')) return sign * HUGE_VAL;
  if (digits.size() == 4 && digits[0] == '.' && (digits[1] == 'n' || digits[1] == 'N')) return std::nan("");
  double value = 0;
  for (const std::string& part : parts_of_sixty(digits)) value = value * 60 + std::strtod(part.c_str(), nullptr);
  return sign * value;
}

}  // namespace

Node plain_scalar(const std::string& text, const std::string& origin) {
  Node node = text_node(text, origin);
  if (is_one_of(text, kNull)) return null_node(origin);
  constexpr size_t kLongestNumber = 1000;  // std::regex needs a stack as deep as the text is long
  if (text.size() > kLongestNumber) return node;
  if (is_one_of(text, kTrue) || is_one_of(text, kFalse)) {
    node = boolean_node(is_one_of(text, kTrue), origin);
  } else if (is_yaml_integer(text)) {
    const std::optional<std::string> digits = integer_value(text);
    if (!digits) return node;
    node = integer_node(*digits, origin);
  } else if (is_yaml_real(text)) {
    node = real_node(real_value(text), origin);
  } else {
    return node;
  }
  node.raw = text;
  return node;
}

bool is_reserved_scalar(const std::string& text) { return text == "=" || text == "<<"; }

}  // namespace latentcrs
