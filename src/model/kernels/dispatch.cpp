#include <cstdlib>
#include <string_view>

#include "encoder.h"

namespace latentcrs::kernels {

#if defined(LATENTCRS_X86_KERNELS)
namespace avx512 {
extern const EncoderKernel kKernel;
}
namespace avx2 {
extern const EncoderKernel kKernel;
}
#endif
namespace baseline {
extern const EncoderKernel kKernel;
}

namespace {

const EncoderKernel& choose() {
#if defined(LATENTCRS_X86_KERNELS)
  const char* variable = std::getenv("LATENTCRS_ISA_LIMIT");
  const std::string_view limit = variable ? variable : "";
  if (limit == "baseline") return baseline::kKernel;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && limit != "avx2")
    return avx512::kKernel;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::kKernel;
#endif
  return baseline::kKernel;
}

}  // namespace

const EncoderKernel& encoder_kernel() {
  static const EncoderKernel& best = choose();
  return best;
}

}  // namespace latentcrs::kernels
