#include "recommender/encoder/kernels/encoder_kernel.h"

#include "recommender/encoder/kernels/backward.h"
#include "recommender/encoder/kernels/buffers.h"
#include "recommender/encoder/kernels/forward.h"
#include "recommender/encoder/kernels/split.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

namespace {

int64_t scratch_size(const EncoderModel& model, int64_t length) {
  Scratch counted(nullptr);
  Buffers(model, length, counted);
  return counted.size();
}

}  // namespace

extern const EncoderKernel kEncoder;
const EncoderKernel kEncoder = {scratch_size, split, forward, backward};

}  // namespace latentcrs::kernels::LATENTCRS_ISA
