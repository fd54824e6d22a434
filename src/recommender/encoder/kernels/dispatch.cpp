#include "recommender/encoder/kernels/dispatch.h"

#include "base/util/error.h"

namespace latentcrs::kernels {

#define LATENTCRS_DECLARE(isa)         \
  namespace isa {                      \
  extern const EncoderKernel kEncoder; \
  }
LATENTCRS_EACH_INSTRUCTION_SET(LATENTCRS_DECLARE)
#undef LATENTCRS_DECLARE
#if defined(LATENTCRS_AMX)
namespace amx {
extern const EncoderKernel kEncoder;
}
#endif

const EncoderKernel& encoder_kernel(InstructionSet set) {
  switch (set) {
#define LATENTCRS_CASE(isa) \
  case InstructionSet::isa: return isa::kEncoder;
    LATENTCRS_EACH_INSTRUCTION_SET(LATENTCRS_CASE)
#undef LATENTCRS_CASE
    default: throw internal_error("this build has no encoder for that instruction set");
  }
}

const EncoderKernel* runnable_amx_encoder_kernel() {
#if defined(LATENTCRS_AMX)
  if (amx_runs()) return &amx::kEncoder;
#endif
  return nullptr;
}

const EncoderKernel& encoder_kernel() {
  static const EncoderKernel& kernel =
      amx_in_use() ? *runnable_amx_encoder_kernel() : encoder_kernel(chosen_instruction_set());
  return kernel;
}

}  // namespace latentcrs::kernels
