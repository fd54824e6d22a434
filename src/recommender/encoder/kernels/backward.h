// EncoderKernel::backward.
#pragma once

#include "recommender/encoder/kernels/encoder_kernel.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

void backward(const EncoderPass& pass, const EncoderGradients& gradients);

}  // namespace latentcrs::kernels::LATENTCRS_ISA
