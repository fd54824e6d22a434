#include "base/config/decimal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace latentcrs {

namespace {

constexpr size_t kPrecision = 28;

/// Compares strings of digits without a sign, the shorter one filled up with zeros on the left.
int compare_digits(std::string a, std::string b) {
  const size_t width = std::max(a.size(), b.size());
  a.insert(0, width - a.size(), '0');
  b.insert(0, width - b.size(), '0');
  return a.compare(b);
}

/// a + sign * b, where a >= b if sign is -1.
std::string add_digits(std::string a, std::string b, int sign) {
  const size_t width = std::max(a.size(), b.size()) + 1;
  a.insert(0, width - a.size(), '0');
  b.insert(0, width - b.size(), '0');
  int carry = 0;
  for (size_t i = width; i-- > 0;) {
    const int digit = (a[i] - '0') + sign * (b[i] - '0') + carry;
    carry = digit < 0 ? -1 : digit / 10;
    a[i] = static_cast<char>('0' + (digit + 10) % 10);
  }
  return a;
}

}  // namespace

Decimal::Decimal(double value) : negative_(std::signbit(value)) {
  constexpr int kLastDigit = 1074;  // every double ends there
  std::array<char, 1400> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.*f", kLastDigit, std::fabs(value));
  digits_.assign(text.data(), static_cast<size_t>(length));
  std::erase(digits_, '.');
  exponent_ = -kLastDigit;
  normalise();
}

void Decimal::normalise() {
  digits_.erase(0, std::min(digits_.find_first_not_of('0'), digits_.size()));
  while (!digits_.empty() && digits_.back() == '0') {
    digits_.pop_back();
    ++exponent_;
  }
}

std::string Decimal::digits_at(int exponent) const {
  return digits_ + std::string(static_cast<size_t>(std::max(exponent_ - exponent, 0)), '0');
}

Decimal Decimal::operator+(const Decimal& other) const {
  Decimal result;
  result.exponent_ = std::min(exponent_, other.exponent_);
  const std::string a = digits_at(result.exponent_), b = other.digits_at(result.exponent_);
  if (negative_ == other.negative_) {
    result.negative_ = negative_;
    result.digits_ = add_digits(a, b, 1);
  } else {
    const bool is_larger = compare_digits(a, b) >= 0;
    result.negative_ = is_larger ? negative_ : other.negative_;
    result.digits_ = is_larger ? add_digits(a, b, -1) : add_digits(b, a, -1);
  }
  result.normalise();
  if (result.digits_.size() <= kPrecision) return result;
  const std::string rest = result.digits_.substr(kPrecision);
  result.exponent_ += static_cast<int>(rest.size());
  result.digits_.resize(kPrecision);
  const int half = compare_digits(rest, "5" + std::string(rest.size() - 1, '0'));
  if (half > 0 || (half == 0 && (result.digits_.back() - '0') % 2 == 1))
    result.digits_ = add_digits(result.digits_, "1", 1);
  result.normalise();
  return result;
}

int Decimal::compare(const Decimal& other) const {
  if (digits_.empty() || other.digits_.empty() || negative_ != other.negative_) {
    const int sign = digits_.empty() ? 0 : (negative_ ? -1 : 1);
    const int other_sign = other.digits_.empty() ? 0 : (other.negative_ ? -1 : 1);
    return sign - other_sign;
  }
  const int exponent = std::min(exponent_, other.exponent_);
  const int larger = compare_digits(digits_at(exponent), other.digits_at(exponent));
  return negative_ ? -larger : larger;
}

double Decimal::to_double() const {
  const double value = std::strtod(fmt::format("{}e{}", digits_.empty() ? "0" : digits_, exponent_).c_str(), nullptr);
  return negative_ ? -value : value;
}

}  // namespace latentcrs
