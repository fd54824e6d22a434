#include "numerics/linalg/kernels/dispatch.h"

#include "base/util/error.h"
#include "numerics/linalg/amx/split_kernel.h"

namespace latentcrs::kernels {

#define LATENTCRS_DECLARE(isa)                                                                \
  namespace isa {                                                                             \
  extern const ProductKernel kProduct;                                                        \
  extern const PairKernel kPairs;                                                             \
  extern const LogitKernel kLogits;                                                           \
  Nearest nearest(const float* products, const float* lengths, float own, int64_t count);     \
  void drop(const float* x, float* out, int64_t begin, int64_t end, const DropoutMask& mask); \
  constexpr Kernels kAll = {kProduct, kPairs, kLogits, nearest, drop};                        \
  }
LATENTCRS_EACH_INSTRUCTION_SET(LATENTCRS_DECLARE)
#undef LATENTCRS_DECLARE
#if defined(LATENTCRS_AMX)
namespace amx {
extern const SplitKernel kSplit;
}
#endif

namespace {

const Kernels& chosen() {
  static const Kernels& kernels = kernels_for(chosen_instruction_set());
  return kernels;
}

}  // namespace

const Kernels& kernels_for(InstructionSet set) {
  switch (set) {
#define LATENTCRS_CASE(isa) \
  case InstructionSet::isa: return isa::kAll;
    LATENTCRS_EACH_INSTRUCTION_SET(LATENTCRS_CASE)
#undef LATENTCRS_CASE
    default: throw internal_error("this build has no kernels for that instruction set");
  }
}

const ProductKernel& product_kernel() { return chosen().product; }

const PairKernel& pair_kernel() { return chosen().pairs; }

const LogitKernel& logit_kernel() { return chosen().logits; }

const SplitKernel* runnable_split_kernel() {
#if defined(LATENTCRS_AMX)
  if (amx_runs()) return &amx::kSplit;
#endif
  return nullptr;
}

const SplitKernel* split_kernel() { return amx_in_use() ? runnable_split_kernel() : nullptr; }

Nearest nearest(const float* products, const float* lengths, float own, int64_t count) {
  return chosen().nearest(products, lengths, own, count);
}

void drop(const float* x, float* out, int64_t begin, int64_t end, const DropoutMask& mask) {
  chosen().drop(x, out, begin, end, mask);
}

}  // namespace latentcrs::kernels
