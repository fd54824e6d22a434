#include "linalg/kernels/dispatch.h"

#include <algorithm>
#include <cstdlib>

namespace latentcrs::kernels {

#define LATENTCRS_KERNELS_OF(isa)                                                             \
  namespace isa {                                                                             \
  extern const EncoderKernel kEncoder;                                                        \
  extern const ProductKernel kProduct;                                                        \
  extern const PairKernel kPairs;                                                             \
  Nearest nearest(const float* products, const float* lengths, float own, int64_t count);     \
  void drop(const float* x, float* out, int64_t begin, int64_t end, const DropoutMask& mask); \
  constexpr Kernels kAll = {#isa, kEncoder, kProduct, kPairs, nearest, drop};                 \
  }
LATENTCRS_KERNELS_OF(baseline)
#if defined(LATENTCRS_X86_KERNELS)
LATENTCRS_KERNELS_OF(avx2)
LATENTCRS_KERNELS_OF(avx512)
#endif
#undef LATENTCRS_KERNELS_OF

namespace {

const Kernels& choose() {
  const char* const limit = std::getenv("LATENTCRS_ISA_LIMIT");
  const std::vector<const Kernels*> kernels = runnable_kernels();
  const auto limited = std::find_if(kernels.begin(), kernels.end(), [limit](const Kernels* copy) {
    return limit != nullptr && copy->instruction_set == limit;
  });
  return limited != kernels.end() ? **limited : *kernels.front();
}

const Kernels& best() {
  static const Kernels& kernels = choose();
  return kernels;
}

}  // namespace

std::vector<const Kernels*> runnable_kernels() {
  std::vector<const Kernels*> kernels;
#if defined(LATENTCRS_X86_KERNELS)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl"))
    kernels.push_back(&avx512::kAll);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) kernels.push_back(&avx2::kAll);
#endif
  kernels.push_back(&baseline::kAll);
  return kernels;
}

const EncoderKernel& encoder_kernel() { return best().encoder; }

const ProductKernel& product_kernel() { return best().product; }

const PairKernel& pair_kernel() { return best().pairs; }

Nearest nearest(const float* products, const float* lengths, float own, int64_t count) {
  return best().nearest(products, lengths, own, count);
}

void drop(const float* x, float* out, int64_t begin, int64_t end, const DropoutMask& mask) {
  best().drop(x, out, begin, end, mask);
}

}  // namespace latentcrs::kernels
