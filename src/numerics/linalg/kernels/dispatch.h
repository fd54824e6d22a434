// The table of the kernels of this folder, one copy for each instruction set. product_kernel(), pair_kernel(),
// logit_kernel(), nearest() and drop() use the copy for this processor.
#pragma once

#include "numerics/linalg/instruction_set.h"
#include "numerics/linalg/kernels/drop.h"
#include "numerics/linalg/kernels/logits.h"
#include "numerics/linalg/kernels/nearest.h"
#include "numerics/linalg/kernels/pairs.h"
#include "numerics/linalg/kernels/product.h"

namespace latentcrs::kernels {

struct Kernels {
  const ProductKernel& product;
  const PairKernel& pairs;
  const LogitKernel& logits;
  Nearest (*nearest)(const float* products, const float* lengths, float own, int64_t count);
  void (*drop)(const float* x, float* out, int64_t begin, int64_t end, const DropoutMask& mask);
};

/// The copies for one of runnable_instruction_sets().
const Kernels& kernels_for(InstructionSet set);

}  // namespace latentcrs::kernels
