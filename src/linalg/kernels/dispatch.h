// The kernels of one instruction set, and the choice among them.
#pragma once

#include <string_view>
#include <vector>

#include "linalg/kernels/drop.h"
#include "linalg/kernels/encoder.h"
#include "linalg/kernels/nearest.h"
#include "linalg/kernels/pairs.h"
#include "linalg/kernels/product.h"

namespace latentcrs::kernels {

/// One copy of every kernel.
struct Kernels {
  std::string_view instruction_set;
  const EncoderKernel& encoder;
  const ProductKernel& product;
  const PairKernel& pairs;
  Nearest (*nearest)(const float* products, const float* lengths, float own, int64_t count);
  void (*drop)(const float* x, float* out, int64_t begin, int64_t end, const DropoutMask& mask);
};

/// The copies that this processor can run, the best one first. A run takes the first, or, where the variable
/// LATENTCRS_ISA_LIMIT names an instruction set (avx512, avx2, baseline), the first that is not better.
std::vector<const Kernels*> runnable_kernels();

}  // namespace latentcrs::kernels
