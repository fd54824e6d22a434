// The encoder's operations number by number: activations, norms, sums of columns, transposition. Widths are multiples
// of kLanes.
#pragma once

#include "numerics/linalg/kernels/simd.h"
#include "recommender/encoder/kernels/encoder_kernel.h"
#include "recommender/encoder/layer_parameters.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

constexpr float kNormEpsilon = 1e-12f;

/// 1 / x for x >= 1. The copy for AMX, whose bits are its own, takes an approximation to 2^-14 and a step of Newton's,
/// because a division takes as long as ten other operations.
inline Floats reciprocal(Floats x) {
#if defined(LATENTCRS_TILES)
  const Floats r = (Floats)_mm512_maskz_rcp14_ps(0xffff, (__m512)x);
  return fused(fused(-x, r, 1.0f), r, r);
#else
  return 1.0f / x;
#endif
}

struct Activated {
  Floats value, slope;
};

/// x Φ(x) with Abramowitz & Stegun 7.1.26 for the error function (absolute error below 2e-7), and its derivative.
inline Activated gelu(Floats x) {
  const Floats z = abs(x) * 0.70710678f;
  const Floats t = reciprocal(fused(z, 0.3275911f, 1.0f));
  const Floats density = exp(-z * z);
  Floats p = fused(t, 1.061405429f, -1.453152027f);
  p = fused(p, t, 1.421413741f);
  p = fused(p, t, -0.284496736f);
  p = fused(p, t, 0.254829592f);
  const Floats tail = 0.5f * density * t * p;
  const Floats cumulative = select(x >= 0.0f, 1.0f - tail, tail);
  return {x * cumulative, fused(x * density, 0.39894228f, cumulative)};
}

inline Activated relu(Floats x) {
  const Ints positive = x > 0.0f;
  return {where(positive, x), where(positive, splat(1.0f))};
}

inline Activated swish(Floats x) {
  const Floats e = exp(-abs(x));
  const Floats sigmoid = select(x >= 0.0f, splat(1.0f), e) / (1.0f + e);
  return {x * sigmoid, sigmoid * fused(x, 1.0f - sigmoid, 1.0f)};
}

template <class Function>
inline void activate_with(Function function, int64_t count, float* x, float* slope) {
  for (int64_t i = 0; i < count; i += kLanes) {
    const Activated a = function(load(x + i));
    store(x + i, a.value);
    if (slope) store(slope + i, a.slope);
  }
}

/// x becomes its activation, and `slope`, if not null, the derivative of the activation at x.
inline void activate(Activation activation, int64_t count, float* x, float* slope) {
  switch (activation) {
    case Activation::gelu: activate_with(gelu, count, x, slope); break;
    case Activation::relu: activate_with(relu, count, x, slope); break;
    case Activation::swish: activate_with(swish, count, x, slope); break;
  }
}

/// x [D] becomes normalised (mean 0, variance 1); returns 1 / standard deviation.
inline float normalise(int64_t width, float* x) {
  Sums all;
  for_each_vector(0, width, [&](int64_t c, int p) { all.parts[p] += load(x + c); });
  const float mean = all.total() / static_cast<float>(width);
  Sums squares;
  for_each_vector(0, width, [&](int64_t c, int p) {
    const Floats d = load(x + c) - mean;
    squares.parts[p] = fused(d, d, squares.parts[p]);
  });
  const float scale = 1.0f / __builtin_sqrtf(squares.total() / static_cast<float>(width) + kNormEpsilon);
  for (int64_t c = 0; c < width; c += kLanes) store(x + c, (load(x + c) - mean) * scale);
  return scale;
}

using Norm = WeightAndBias<const float*>;

inline void scale_and_shift(int64_t width, const float* x, Norm norm, float* out) {
  for (int64_t c = 0; c < width; c += kLanes)
    store(out + c, fused(load(x + c), load(norm.weight + c), load(norm.bias + c)));
}

/// A row [D] normalised by normalise(), and the scale that this returned.
struct NormalisedRow {
  const float* values;
  float scale;
};

/// The backward pass of a norm at one position: `gradient` [D] of its result becomes that of its argument, and the
/// gradients of its weight and bias are added to.
inline void norm_backward(int64_t width, NormalisedRow row, const float* weight, float* gradient,
                          WeightAndBias<float*> parameter_gradients) {
  Sums mean, along;
  for_each_vector(0, width, [&](int64_t c, int p) {
    const Floats g = load(gradient + c), x = load(row.values + c);
    float *weight_gradient = parameter_gradients.weight + c, *bias_gradient = parameter_gradients.bias + c;
    store(weight_gradient, fused(g, x, load(weight_gradient)));
    store(bias_gradient, load(bias_gradient) + g);
    const Floats weighted = g * load(weight + c);
    store(gradient + c, weighted);
    mean.parts[p] += weighted;
    along.parts[p] = fused(weighted, x, along.parts[p]);
  });
  const float m = mean.total() / static_cast<float>(width), a = along.total() / static_cast<float>(width);
  for (int64_t c = 0; c < width; c += kLanes)
    store(gradient + c, fused(load(row.values + c), -a, load(gradient + c) - m) * row.scale);
}

/// Adds the sum over the rows of x to `to` [columns].
inline void add_column_sums(int64_t rows, int64_t columns, const float* x, int64_t stride, float* to) {
  for (int64_t c = 0; c < columns; c += kLanes) {
    Floats total = load(to + c);
    for (int64_t i = 0; i < rows; ++i) total += load(x + i * stride + c);
    store(to + c, total);
  }
}

/// Writes `rows` lines of `columns` floats, a multiple of 4, as columns [columns][padded_rows], with zeros after the
/// last row.
inline void transpose(const float* from, int64_t stride, int64_t rows, int64_t columns, float* to,
                      int64_t padded_rows) {
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4)
    for (int64_t c = 0; c < columns; c += 4) {
      const float* corner = from + r * stride + c;
      put_transposed(four(corner), four(corner + stride), four(corner + 2 * stride), four(corner + 3 * stride),
                     to + c * padded_rows + r, padded_rows);
    }
  for (int64_t c = 0; c < columns; ++c) {
    for (int64_t i = r; i < rows; ++i) to[c * padded_rows + i] = from[i * stride + c];
    for (int64_t i = rows; i < padded_rows; ++i) to[c * padded_rows + i] = 0;
  }
}

inline void clear(float* x, int64_t count) { std::memset(x, 0, static_cast<size_t>(count) * sizeof(float)); }

}  // namespace latentcrs::kernels::LATENTCRS_ISA
