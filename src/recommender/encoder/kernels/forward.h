// EncoderKernel::forward.
#pragma once

#include "recommender/encoder/kernels/encoder_kernel.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

void forward(const EncoderPass& pass, float* states);

}  // namespace latentcrs::kernels::LATENTCRS_ISA
