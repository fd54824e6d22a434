// The choice among the copies of the encoder's kernels, one for each instruction set.
#pragma once

#include "numerics/linalg/instruction_set.h"
#include "recommender/encoder/kernels/encoder_kernel.h"

namespace latentcrs::kernels {

/// The copy for one of runnable_instruction_sets().
const EncoderKernel& encoder_kernel(InstructionSet set);

/// The copy for AMX; null where this build, the processor or the system has none (amx_runs()).
const EncoderKernel* runnable_amx_encoder_kernel();

/// The copy for AMX where amx_in_use(), else that for chosen_instruction_set().
const EncoderKernel& encoder_kernel();

}  // namespace latentcrs::kernels
