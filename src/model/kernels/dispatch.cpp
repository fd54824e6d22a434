#include <cstdlib>
#include <string_view>

#include "encoder.h"
#include "nearest.h"
#include "product.h"

namespace latentcrs::kernels {

#define LATENTCRS_KERNELS_OF(isa)                                                         \
  namespace isa {                                                                         \
  extern const EncoderKernel kEncoder;                                                    \
  extern const ProductKernel kProduct;                                                    \
  Nearest nearest(const float* products, const float* lengths, float own, int64_t count); \
  }
LATENTCRS_KERNELS_OF(baseline)
#if defined(LATENTCRS_X86_KERNELS)
LATENTCRS_KERNELS_OF(avx2)
LATENTCRS_KERNELS_OF(avx512)
#endif
#undef LATENTCRS_KERNELS_OF

namespace {

struct Kernels {
  const EncoderKernel& encoder;
  const ProductKernel& product;
  Nearest (*nearest)(const float*, const float*, float, int64_t);
};

Kernels choose() {
#if defined(LATENTCRS_X86_KERNELS)
  const char* variable = std::getenv("LATENTCRS_ISA_LIMIT");
  const std::string_view limit = variable ? variable : "";
  if (limit == "baseline") return {baseline::kEncoder, baseline::kProduct, baseline::nearest};
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && limit != "avx2")
    return {avx512::kEncoder, avx512::kProduct, avx512::nearest};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {avx2::kEncoder, avx2::kProduct, avx2::nearest};
#endif
  return {baseline::kEncoder, baseline::kProduct, baseline::nearest};
}

const Kernels& best() {
  static const Kernels kernels = choose();
  return kernels;
}

}  // namespace

const EncoderKernel& encoder_kernel() { return best().encoder; }

const ProductKernel& product_kernel() { return best().product; }

Nearest nearest(const float* products, const float* lengths, float own, int64_t count) {
  return best().nearest(products, lengths, own, count);
}

}  // namespace latentcrs::kernels
