// What the kernels of src/model/kernels run with.
#pragma once

#include <string_view>

namespace latentcrs {

/// The instruction set of the kernels chosen for this processor: avx512, avx2 or baseline. They agree but for rounding,
/// so that a run repeated with another one does not have the same bits.
std::string_view kernel_instruction_set();

}  // namespace latentcrs
