// The choice among the copies of the kernels, which are compiled once for each instruction set (src/CMakeLists.txt).
#pragma once

#include <string_view>
#include <vector>

namespace latentcrs {

/// The copies for AVX2 and AVX-512 give the same bits. The baseline has no fused multiplication and addition on x86-64
/// and differs from them by rounding.
enum class InstructionSet { baseline, avx2, avx512 };

// LATENTCRS_EACH_INSTRUCTION_SET(X) is X(baseline) X(avx2) X(avx512), for those sets that this build has copies for.
#if defined(__x86_64__)
#define LATENTCRS_EACH_INSTRUCTION_SET(X) X(baseline) X(avx2) X(avx512)
#else
#define LATENTCRS_EACH_INSTRUCTION_SET(X) X(baseline)
#endif

/// The instruction sets that this processor can run and that this build has copies for, the best one first.
std::vector<InstructionSet> runnable_instruction_sets();

/// The instruction set that the kernels of this process use: the first of runnable_instruction_sets(), or, where the
/// environment's LATENTCRS_ISA_LIMIT names one of them (avx512, avx2, baseline), that one.
InstructionSet chosen_instruction_set();

/// Whether this build has kernels for AMX (numerics/linalg/amx), and the processor and the system let this process use
/// its tiles.
bool amx_runs();

/// Whether they are used. AMX rounds otherwise than all other instruction sets, so that only `arithmetic: native` takes
/// it: the environment's LATENTCRS_AMX is 1 (experiment/run/compute_environment.cpp). LATENTCRS_ISA_LIMIT is unset or
/// amx.
bool amx_in_use();

/// The name of what this process uses: amx (with the kernels for AVX-512), avx512, avx2 or baseline.
std::string_view kernel_instruction_set();

}  // namespace latentcrs
