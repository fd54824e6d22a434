// The loops of a loss over many pairs of a vector and a row of a table (recommender/train/gbce_loss.cpp).
#pragma once

#include <cstdint>

namespace latentcrs::kernels {

/// Vectors and rows of `items` are `width` floats.
struct PairKernel {
  /// out[j] = vector · items[rows[j]], j < count.
  void (*dot_rows)(const float* vector, const float* items, const int32_t* rows, int64_t count, int64_t width,
                   float* out);
  /// out += the sum of weights[j] items[rows[j]], in the order of j.
  void (*add_rows)(const float* weights, const float* items, const int32_t* rows, int64_t count, int64_t width,
                   float* out);
  /// Turns logits x into scale · sigmoid(x), given e = exp(-|x|).
  void (*to_slopes)(float* x, const float* e, int64_t count, float scale);
  /// The sum of softplus(x) = max(x, 0) + log(1 + e).
  double (*softplus_sum)(const float* x, const float* e, int64_t count);
};

/// The copy for this processor's instruction set (dispatch.h).
const PairKernel& pair_kernel();

}  // namespace latentcrs::kernels
