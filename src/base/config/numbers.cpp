#include "base/config/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

#include "base/util/text.h"

namespace latentcrs {

namespace {

/// The digits without underscores; nullopt where an underscore does not stand between two digits.
std::optional<std::string> without_underscores(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_')
      plain += text[i];
    else if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1]))
      return std::nullopt;
  }
  return plain;
}

/// digits [. digits] [e [sign] digits], with at least one digit before the exponent.
bool is_decimal(std::string_view text) {
  size_t i = 0;
  const auto digits = [&] {
    const size_t begin = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - begin;
  };
  size_t count = digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    count += digits();
  }
  if (count == 0) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

/// Compares two strings of decimal digits without leading zeros: the longer one is the greater number.
int compare_digits(const std::string& a, const std::string& b) {
  const bool negative = a.starts_with('-');
  if (negative != b.starts_with('-')) return negative ? -1 : 1;
  const int longer = a.size() != b.size() ? (a.size() < b.size() ? -1 : 1) : a.compare(b);
  return negative ? -longer : longer;
}

std::string digits_of(const Node& node) {
  if (node.kind == Node::Kind::boolean) return node.text == "True" ? "1" : "0";
  return node.text;
}

}  // namespace

std::string python_float(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  const double size = std::fabs(value);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific)
                       .ptr;
  std::string text(buffer.data(), end);
  return plain && text.find('.') == std::string::npos ? text + ".0" : text;
}

std::optional<std::string> python_int(std::string_view text) {
  text = trimmed(text, " \t\n\r\f\v");
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::optional<std::string> digits = without_underscores(text);
  if (!digits || digits->empty() || !std::all_of(digits->begin(), digits->end(), is_digit)) return std::nullopt;
  return with_sign(negative, *digits);
}

std::optional<double> python_real(std::string_view text) {
  text = trimmed(text, " \t\n\r\f\v");
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::optional<std::string> plain = without_underscores(text);
  if (!plain) return std::nullopt;
  const std::string word = lower_case(*plain);
  const double sign = negative ? -1 : 1;
  if (word == "inf" || word == "infinity") return sign * HUGE_VAL;
  if (word == "nan") return std::nan("");
  if (!is_decimal(word)) return std::nullopt;
  return sign * std::strtod(word.c_str(), nullptr);  // beyond the range: infinite or 0, as in Python
}

std::string decimal_digits(std::string_view digits, int base) {
  std::string value = "0";  // lowest digit first
  for (const char c : digits) {
    int carry = is_digit(c) ? c - '0' : lower_case(std::string(1, c))[0] - 'a' + 10;
    for (char& digit : value) {
      const int sum = (digit - '0') * base + carry;
      digit = static_cast<char>('0' + sum % 10);
      carry = sum / 10;
    }
    for (; carry > 0; carry /= 10) value += static_cast<char>('0' + carry % 10);
  }
  std::reverse(value.begin(), value.end());
  return with_sign(false, value);
}

std::string with_sign(bool negative, std::string digits) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return (negative && digits != "0" ? "-" : "") + digits;
}

std::string integer_digits(double value) {
  const std::string digits = fmt::format("{:.0f}", std::trunc(value));
  return with_sign(digits.starts_with('-'), digits.starts_with('-') ? digits.substr(1) : digits);
}

std::optional<int64_t> int64_of(const Node& node) {
  if (node.kind != Node::Kind::integer) return std::nullopt;
  int64_t value = 0;
  const auto [stop, error] = std::from_chars(node.text.data(), node.text.data() + node.text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

double real_of(const Node& node) {
  if (node.kind == Node::Kind::real) return node.real;
  return std::strtod(digits_of(node).c_str(), nullptr);
}

int compare_numbers(const Node& a, const Node& b) {
  if (a.kind != Node::Kind::real && b.kind != Node::Kind::real) return compare_digits(digits_of(a), digits_of(b));
  const double x = real_of(a), y = real_of(b);
  return x == y ? 0 : (x < y ? -1 : 1);
}

}  // namespace latentcrs
