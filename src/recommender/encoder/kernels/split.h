// EncoderKernel::split.
#pragma once

#include "recommender/encoder/kernels/encoder_kernel.h"

namespace latentcrs::kernels::LATENTCRS_ISA {

#if defined(LATENTCRS_TILES)
bool split(const EncoderModel& model, SplitNumber* parameters, SplitNumber* transposed);
#else
constexpr bool (*split)(const EncoderModel& model, SplitNumber* parameters, SplitNumber* transposed) = nullptr;
#endif

}  // namespace latentcrs::kernels::LATENTCRS_ISA
