// Exponentials of logits, as powers of two.
#pragma once

#include "numerics/linalg/kernels/simd.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

/// Whole numbers that logits stand on, in the form that power_of_two() takes.
struct Shifts {
  explicit Shifts(Floats shift) : round(12582912.0f - shift), low(shift - 126.0f), high(shift + 127.0f) {}
  Shifts(Floats at_round, Floats at_low, Floats at_high) : round(at_round), low(at_low), high(at_high) {}

  Floats round;      ///< 1.5 * 2^23 less the shift: added to x, it leaves n - shift in the low bits
  Floats low, high;  ///< that x is kept between
};

/// 2^(x - shift). x is n + r, n whole, |r| <= 1/2; the polynomial is the one of degree 5 with the smallest relative
/// error for 2^r.
inline Floats power_of_two(Floats x, const Shifts& shifts) {
  x = min(shifts.high, max(shifts.low, x));
  const Floats shifted = x + shifts.round;
  const Floats r = x - (shifted - shifts.round);
  Floats p = fused(splat(0x1.5c08e6p-10f), r, 0x1.3d0c52p-7f);
  p = fused(p, r, 0x1.c6b6e4p-5f);
  p = fused(p, r, 0x1.ebf918p-3f);
  p = fused(p, r, 0x1.62e428p-1f);
  p = fused(p, r, 1.0f);
  return (Floats)(bits(p) + (bits(shifted) << 23));
}

}  // namespace latentcrs::kernels::LATENTCRS_ISA
