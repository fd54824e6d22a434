#include "linalg/instruction_set.h"

#include <algorithm>
#include <cstdlib>

#include "util/error.h"

namespace latentcrs {

namespace {

std::string_view name_of(InstructionSet set) {
  switch (set) {
    case InstructionSet::baseline: return "baseline";
    case InstructionSet::avx2: return "avx2";
    case InstructionSet::avx512: return "avx512";
  }
  throw internal_error("unknown instruction set");
}

InstructionSet choose() {
  const std::vector<InstructionSet> runnable = runnable_instruction_sets();
  const char* const limit = std::getenv("LATENTCRS_ISA_LIMIT");
  const auto limited = std::find_if(runnable.begin(), runnable.end(),
                                    [limit](InstructionSet set) { return limit != nullptr && name_of(set) == limit; });
  return limited != runnable.end() ? *limited : runnable.front();
}

}  // namespace

std::vector<InstructionSet> runnable_instruction_sets() {
  std::vector<InstructionSet> sets;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl"))
    sets.push_back(InstructionSet::avx512);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets.push_back(InstructionSet::avx2);
#endif
  sets.push_back(InstructionSet::baseline);
  return sets;
}

InstructionSet chosen_instruction_set() {
  static const InstructionSet set = choose();
  return set;
}

std::string_view kernel_instruction_set() { return name_of(chosen_instruction_set()); }

}  // namespace latentcrs
