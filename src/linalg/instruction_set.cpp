#include "linalg/instruction_set.h"

#include "linalg/kernels/encoder.h"

namespace latentcrs {

std::string_view kernel_instruction_set() { return kernels::encoder_kernel().instruction_set; }

}  // namespace latentcrs
