#include "linalg/kernels/encoder.h"

#include "linalg/kernels/pass.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

namespace {

int64_t scratch_size(const Model& model, int64_t length) {
  Scratch counted(nullptr);
  Buffers(model, length, counted);
  return counted.size();
}

}  // namespace

extern const EncoderKernel kEncoder;
const EncoderKernel kEncoder = {LATENTCRS_ISA_NAME, scratch_size, forward, backward};

}  // namespace latentcrs::kernels::LATENTCRS_ISA
