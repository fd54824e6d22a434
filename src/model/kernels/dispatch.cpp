#include <cstdlib>
#include <string_view>

#include "drop.h"
#include "encoder.h"
#include "nearest.h"
#include "pairs.h"
#include "product.h"

namespace latentcrs::kernels {

namespace {

/// One copy of everything.
struct Kernels {
  const EncoderKernel& encoder;
  const ProductKernel& product;
  const PairKernel& pairs;
  Nearest (*nearest)(const float*, const float*, float, int64_t);
  void (*drop)(const float*, float*, int64_t, int64_t, const DropoutMask&);
};

}  // namespace

#define LATENTCRS_KERNELS_OF(isa)                                                             \
  namespace isa {                                                                             \
  extern const EncoderKernel kEncoder;                                                        \
  extern const ProductKernel kProduct;                                                        \
  extern const PairKernel kPairs;                                                             \
  Nearest nearest(const float* products, const float* lengths, float own, int64_t count);     \
  void drop(const float* x, float* out, int64_t begin, int64_t end, const DropoutMask& mask); \
  constexpr Kernels kAll = {kEncoder, kProduct, kPairs, nearest, drop};                       \
  }
LATENTCRS_KERNELS_OF(baseline)
#if defined(LATENTCRS_X86_KERNELS)
LATENTCRS_KERNELS_OF(avx2)
LATENTCRS_KERNELS_OF(avx512)
#endif
#undef LATENTCRS_KERNELS_OF

namespace {

Kernels choose() {
#if defined(LATENTCRS_X86_KERNELS)
  const char* variable = std::getenv("LATENTCRS_ISA_LIMIT");
  const std::string_view limit = variable ? variable : "";
  if (limit == "baseline") return baseline::kAll;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && limit != "avx2")
    return avx512::kAll;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kAll;
#endif
  return baseline::kAll;
}

const Kernels& best() {
  static const Kernels kernels = choose();
  return kernels;
}

}  // namespace

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
