#include "numerics/linalg/instruction_set.h"

#if defined(LATENTCRS_AMX)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <cstdlib>

#include "base/util/error.h"

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

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

InstructionSet choose() {
  const std::vector<InstructionSet> runnable = runnable_instruction_sets();
  const std::string_view limit = variable("LATENTCRS_ISA_LIMIT");
  const auto limited =
      std::find_if(runnable.begin(), runnable.end(), [limit](InstructionSet set) { return name_of(set) == limit; });
  return limited != runnable.end() ? *limited : runnable.front();
}

#if defined(LATENTCRS_AMX)
bool processor_has_amx() {
  unsigned int a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned int kBFloat16 = 1U << 22, kTiles = 1U << 24;  // of the features' last register
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & kBFloat16) != 0 && (d & kTiles) != 0;
}

/// The system saves the tiles of threads. It makes room for them when a process asks for it.
bool system_grants_tiles() {
  unsigned int a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned int kSystemSaves = 1U << 27, kTileState = 3U << 17;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & kSystemSaves) == 0) return false;
  unsigned int saved = 0, rest = 0;
  __asm__("xgetbv" : "=a"(saved), "=d"(rest) : "c"(0));
  if ((saved & kTileState) != kTileState) return false;
  constexpr long kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}
#endif

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

bool amx_runs() {
#if defined(LATENTCRS_AMX)
  static const bool runs =
      runnable_instruction_sets().front() == InstructionSet::avx512 && processor_has_amx() && system_grants_tiles();
  return runs;
#else
  return false;
#endif
}

bool amx_in_use() {
  const auto wanted = [] {
    const std::string_view limit = variable("LATENTCRS_ISA_LIMIT");
    return variable("LATENTCRS_AMX") == "1" && (limit.empty() || limit == "amx");
  };
  static const bool in_use = wanted() && amx_runs();
  return in_use;
}

std::string_view kernel_instruction_set() { return amx_in_use() ? "amx" : name_of(chosen_instruction_set()); }

}  // namespace latentcrs
