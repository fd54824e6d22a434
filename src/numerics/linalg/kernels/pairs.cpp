#include "numerics/linalg/kernels/pairs.h"

#include "numerics/linalg/kernels/simd.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

namespace {

constexpr int kSums = 16;  // partial sums, the same for vectors of any length

float dot(const float* a, const float* b, int64_t width) {
  float sums[kSums] = {};
  int64_t d = 0;
  for (; d + kSums <= width; d += kSums)
    for (int i = 0; i < kSums; ++i) sums[i] = fused(a[d + i], b[d + i], sums[i]);
  for (int i = 0; d < width; ++d, ++i) sums[i] = fused(a[d], b[d], sums[i]);
  for (int half = kSums / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) sums[i] += sums[i + half];
  return sums[0];
}

void dot_rows(const float* vector, const float* items, const int32_t* rows, int64_t count, int64_t width, float* out) {
  for (int64_t j = 0; j < count; ++j) out[j] = dot(vector, items + rows[j] * width, width);
}

void add_rows(const float* weights, const float* items, const int32_t* rows, int64_t count, int64_t width, float* out) {
  for (int64_t j = 0; j < count; ++j) {
    const float weight = weights[j];
    const float* row = items + rows[j] * width;
    for (int64_t d = 0; d < width; ++d) out[d] = fused(weight, row[d], out[d]);
  }
}

void to_slopes(float* x, const float* e, int64_t count, float scale) {
  for (int64_t j = 0; j < count; ++j) x[j] = (x[j] >= 0 ? scale : scale * e[j]) / (1 + e[j]);
}

/// Takes one logarithm of the product of many factors between 1 and 2.
double softplus_sum(const float* x, const float* e, int64_t count) {
  constexpr int64_t kFactors = 512;  // 2^512 fits a double
  double sum = 0;
  for (int64_t begin = 0; begin < count; begin += kFactors) {
    double product[kSums], positive[kSums] = {};
    for (double& factor : product) factor = 1;
    const int64_t end = count < begin + kFactors ? count : begin + kFactors;
    int64_t j = begin;
    for (; j + kSums <= end; j += kSums)
      for (int i = 0; i < kSums; ++i) {
        product[i] *= 1 + static_cast<double>(e[j + i]);
        positive[i] += x[j + i] > 0 ? x[j + i] : 0;
      }
    for (int i = 0; j < end; ++j, ++i) {
      product[i] *= 1 + static_cast<double>(e[j]);
      positive[i] += x[j] > 0 ? x[j] : 0;
    }
    double all = 1;
    for (int i = 0; i < kSums; ++i) {
      all *= product[i];
      sum += positive[i];
    }
    sum += __builtin_log(all);
  }
  return sum;
}

}  // namespace

extern const PairKernel kPairs;
const PairKernel kPairs = {dot_rows, add_rows, to_slopes, softplus_sum};

}  // namespace latentcrs::kernels::LATENTCRS_ISA
