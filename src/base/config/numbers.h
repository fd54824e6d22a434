// Python's numbers: their printing, their order, and integers of any length.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/config/node.h"

namespace latentcrs {

/// str(value) of Python: the shortest digits that give `value`, an exponent below 1e-4 and from 1e16 on.
std::string python_float(double value);

/// int(text) of Python: blanks around it, a sign, digits with single underscores between them. Decimal digits, with a
/// sign only if the number is negative; nullopt for any other text.
std::optional<std::string> python_int(std::string_view text);
/// float(text) of Python: as python_int, with a point or an exponent, inf, infinity or nan.
std::optional<double> python_real(std::string_view text);

/// Digits of `base` (at most 16, no sign, not empty) as decimal digits.
std::string decimal_digits(std::string_view digits, int base);
/// "-" + digits, but "0" for a zero; without leading zeros.
std::string with_sign(bool negative, std::string digits);
/// The integer part of a finite number, in decimal digits.
std::string integer_digits(double value);

/// The value of an integer that 64 bits with a sign hold.
std::optional<int64_t> int64_of(const Node& node);
/// The value of a boolean, an integer or a real.
double real_of(const Node& node);
/// The order of two booleans, integers or reals as <0, 0 or >0, exact for integers of any length; 1 for other values.
int compare_numbers(const Node& a, const Node& b);

}  // namespace latentcrs
