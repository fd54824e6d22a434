// What the kernels of src/linalg/kernels run with.
#pragma once

#include <string_view>

namespace latentcrs {

/// The instruction set of the kernels chosen for this processor: avx512, avx2 or baseline. The first two give the same
/// bits; the last has no fused multiplication and addition and differs from them by rounding.
std::string_view kernel_instruction_set();

}  // namespace latentcrs
