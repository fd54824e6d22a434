// Sums of decimal numbers as Python's decimal module has them, in which Hydra counts its ranges of floats.
#pragma once

#include <string>

namespace latentcrs {

class Decimal {
 public:
  /// Exactly `value`, which is finite.
  explicit Decimal(double value);

  /// Rounded to 28 digits, a half to the even digit.
  Decimal operator+(const Decimal& other) const;
  /// <0, 0, >0
  int compare(const Decimal& other) const;
  double to_double() const;

 private:
  Decimal() = default;
  void normalise();
  /// The digits followed by the zeros that make the last one stand for 10^exponent.
  std::string digits_at(int exponent) const;

  bool negative_ = false;
  std::string digits_;  // without leading zeros; empty is 0
  int exponent_ = 0;    // of the last digit
};

}  // namespace latentcrs
