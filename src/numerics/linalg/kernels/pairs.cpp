#include "numerics/linalg/kernels/pairs.h"

#include "numerics/linalg/kernels/simd.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

namespace {

constexpr int64_t kChunk = 64;       // rows that stay in the first cache between their product and their sum
constexpr int64_t kFactors = 512;    // between 1 and 2: 2^512 fits a double
constexpr int kStrip = 64 / kLanes;  // vectors of a sum that stay in registers

/// e^x for x <= 0, relative error below 2e-7; 0 below -87.3, NaN for NaN. The polynomial is that of SLEEF's expf:
/// LibTorch took these exponentials with it before this kernel did, and gBCE's results have kept their bits.
Floats exp_of_negative(Floats x) {
  const Floats low = splat(-87.3f);
  const Ints in_range = ~(x < low);
  x = max(low, x);
  const Floats shifted = x * 1.44269504f + 12582912.0f;  // rounds to a whole number, which then stands in the low bits
  const Floats n = shifted - 12582912.0f;
  const Floats r = fused(n, -1.428606765330187045e-06f, fused(n, -0.693145751953125f, x));
  Floats p = splat(0.000198527617612853646278381f);
  p = fused(p, r, 0.00139304355252534151077271f);
  p = fused(p, r, 0.00833336077630519866943359f);
  p = fused(p, r, 0.0416664853692054748535156f);
  p = fused(p, r, 0.166666671633720397949219f);
  p = fused(p, r, 0.5f);
  p = fused(r * r, p, r) + 1.0f;
  return where(in_range, (Floats)(bits(p) + (bits(shifted) << 23)));
}

/// The 16 partial sums of a product, joined to eight.
inline void multiply(const float* a, const float* b, int64_t width, Eight& out) {
  Sums sums;
  const auto add = [&](const float* x, const float* y) {
    for (int p = 0; p < kParts; ++p) sums.parts[p] = fused(load(x + p * kLanes), load(y + p * kLanes), sums.parts[p]);
  };
  int64_t d = 0;
#pragma GCC unroll 4
  for (; d + kStep <= width; d += kStep) add(a + d, b + d);
  if (d < width) {
    float left[kStep] = {}, right[kStep] = {};
    std::memcpy(left, a + d, sizeof(float) * static_cast<size_t>(width - d));
    std::memcpy(right, b + d, sizeof(float) * static_cast<size_t>(width - d));
    add(left, right);
  }
  sums.halves(out);
}

/// The totals of eight times eight partial sums: the upper half is added to the lower one until one is left.
inline void add_up(const Eight (&sums)[8], float* out) {
  Eight fours[4], twos[2];  // of rows i and i + 4; of rows i, i + 2, i + 4 and i + 6
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i)
    fours[i] = __builtin_shufflevector(sums[i], sums[i + 4], 0, 1, 2, 3, 8, 9, 10, 11) +
               __builtin_shufflevector(sums[i], sums[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i)
    twos[i] = __builtin_shufflevector(fours[i], fours[i + 2], 0, 1, 8, 9, 4, 5, 12, 13) +
              __builtin_shufflevector(fours[i], fours[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  const Eight totals = __builtin_shufflevector(twos[0], twos[1], 0, 8, 2, 10, 4, 12, 6, 14) +
                       __builtin_shufflevector(twos[0], twos[1], 1, 9, 3, 11, 5, 13, 7, 15);
  std::memcpy(out, &totals, sizeof totals);
}

/// out[0, Vectors * kLanes) += the sum of weight(j) row(j), with the sums in registers.
template <int Vectors, class Weight, class Row>
inline void add_strip(int64_t count, Weight weight, Row row, float* out) {
  Floats sums[Vectors];
  for (int v = 0; v < Vectors; ++v) sums[v] = load(out + v * kLanes);
  for (int64_t j = 0; j < count; ++j) {
    const float* from = row(j);
    const Floats scale = splat(weight(j));
#pragma GCC unroll 16
    for (int v = 0; v < Vectors; ++v) sums[v] = fused(scale, load(from + v * kLanes), sums[v]);
  }
  for (int v = 0; v < Vectors; ++v) store(out + v * kLanes, sums[v]);
}

/// out += the sum of weight(j) row(j), in the order of j.
template <class Weight, class Row>
inline void add(int64_t count, int64_t width, Weight weight, Row row, float* out) {
  int64_t d = 0;
  const auto from = [&](int64_t j) { return row(j) + d; };
  for (; d + kStrip * kLanes <= width; d += kStrip * kLanes) add_strip<kStrip>(count, weight, from, out + d);
  for (; d + kStep <= width; d += kStep) add_strip<kParts>(count, weight, from, out + d);
  for (; d < width; ++d)
    for (int64_t j = 0; j < count; ++j) out[d] = fused(weight(j), row(j)[d], out[d]);
}

typedef double Doubles __attribute__((vector_size(kLanes * 4)));
typedef float Half __attribute__((vector_size(kLanes * 2)));

inline Doubles doubles(const float* from) {
  Half v;
  std::memcpy(&v, from, sizeof v);
  return __builtin_convertvector(v, Doubles);
}

/// Sums softplus(x) = max(x, 0) + log(1 + e^-|x|), and takes one logarithm of the product of many factors.
class SoftplusSum {
 public:
  SoftplusSum() { clear(); }
  /// max(x, 0) and e^-|x|, kStep of each.
  void add(const float* positive, const float* e) {
    if (factors_ == kFactors) flush();
    factors_ += kStep;
#pragma GCC unroll 8
    for (int v = 0; v < kDoubles; ++v) {
      products_[v] *= 1 + doubles(e + v * kLanes / 2);
      positive_[v] += doubles(positive + v * kLanes / 2);
    }
  }
  double total() {
    flush();
    return sum_;
  }

 private:
  static constexpr int kDoubles = 2 * kParts;

  void flush() {
    double all = 1;
    for (int i = 0; i < kStep; ++i) {
      all *= products_[i / (kLanes / 2)][i % (kLanes / 2)];
      sum_ += positive_[i / (kLanes / 2)][i % (kLanes / 2)];
    }
    sum_ += __builtin_log(all);
    clear();
  }
  void clear() {
    for (int v = 0; v < kDoubles; ++v) {
      products_[v] = 1 - Doubles{};
      positive_[v] = Doubles{};
    }
    factors_ = 0;
  }

  Doubles products_[kDoubles], positive_[kDoubles];
  double sum_ = 0;
  int64_t factors_ = 0;
};

/// Writes the logits of at most kChunk rows, and -infinity up to a multiple of kStep, which is returned.
template <class Row>
inline int64_t multiply_rows(const PairRows& pairs, int64_t count, Row row, float* logits) {
  for (int64_t j = 0; j < count; j += 8) {
    Eight sums[8];
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) multiply(pairs.vector, row(j + i < count ? j + i : count - 1), pairs.width, sums[i]);
    add_up(sums, logits + j);
  }
  int64_t end = count;
  for (; end % kStep != 0; ++end) logits[end] = -__builtin_inff();
  return end;
}

double look(const PairRows& pairs, float scale, float* slopes, float* gradient) {
  SoftplusSum softplus;
  float x[kChunk], positive[kChunk], e[kChunk];
  for (int64_t begin = 0; begin < pairs.count; begin += kChunk) {
    const int64_t count = pairs.count - begin < kChunk ? pairs.count - begin : kChunk;
    const auto row = [&](int64_t j) { return pairs.items + pairs.rows[begin + j] * pairs.width; };
    const int64_t end = multiply_rows(pairs, count, row, x);
    for (int64_t j = 0; j < end; j += kLanes) {
      const Floats logits = load(x + j), below = exp_of_negative(-abs(logits));
      store(e + j, below);
      store(positive + j, max(logits, Floats{}));
      store(x + j, select(logits >= Floats{}, splat(scale), scale * below) / (1 + below));
    }
    for (int64_t j = 0; j < end; j += kStep) softplus.add(positive + j, e + j);
    if (slopes == nullptr) continue;
    std::memcpy(slopes + begin, x, sizeof(float) * static_cast<size_t>(count));
    add(
        count, pairs.width, [&](int64_t j) { return x[j]; }, row, gradient);
  }
  return softplus.total();
}

void add_rows(const WeightedRow* rows, int64_t count, const float* items, int64_t width, float* out) {
  add(
      count, width, [&](int64_t j) { return rows[j].weight; }, [&](int64_t j) { return items + rows[j].row * width; },
      out);
}

}  // namespace

extern const PairKernel kPairs;
const PairKernel kPairs = {look, add_rows};

}  // namespace latentcrs::kernels::LATENTCRS_ISA
