// The loops of a loss over many pairs of a vector and a row of a table (recommender/train/gbce_loss.cpp).
#pragma once

#include <cstdint>

namespace latentcrs::kernels {

/// A vector and the rows of a table that it is multiplied with, all of `width` floats.
struct PairRows {
  const float* vector = nullptr;
  const float* items = nullptr;   ///< the table
  const int32_t* rows = nullptr;  ///< of the table
  int64_t count = 0, width = 0;   ///< of rows, of floats
};

/// A row of a table with its weight in a sum.
struct WeightedRow {
  int32_t row;
  float weight;
};

struct PairKernel {
  /// The sum of softplus(x) = log(1 + e^x) over the logits x = vector · row. Exponentials have a relative error below
  /// 2e-7. Unless `slopes` is null, slopes[j] = scale · sigmoid(x), and gradient += the sum of slopes[j] · row, in the
  /// order of j.
  double (*look)(const PairRows& pairs, float scale, float* slopes, float* gradient);
  /// out += the sum of weight · items[row] over `count` rows, in their order.
  void (*add_rows)(const WeightedRow* rows, int64_t count, const float* items, int64_t width, float* out);
};

/// The copy for this processor's instruction set (dispatch.h).
const PairKernel& pair_kernel();

}  // namespace latentcrs::kernels
