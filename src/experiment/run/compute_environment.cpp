#include "experiment/run/compute_environment.h"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include "base/util/processors.h"

namespace latentcrs {

namespace {

/// A variable that decides about results, and its value; nullptr removes it.
struct Pinned {
  const char* name;
  const char* value;
};

/// Instruction sets that matter here, as an ordered scale.
enum class Vectors { sse, avx2, avx512 };

Vectors vectors_of_this_processor() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl"))
    return Vectors::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Vectors::avx2;
#endif
  return Vectors::sse;
}

/// The variables that name a kind of processor or an instruction set. OpenBLAS is told in both kinds of arithmetic:
/// the choice of its version 0.3.21 on the newest processors is unreliable.
std::vector<Pinned> code_paths(Arithmetic arithmetic) {
  const Vectors vectors = vectors_of_this_processor();
  const bool portable = arithmetic == Arithmetic::portable && vectors != Vectors::sse;
  const char* const blas = vectors == Vectors::sse                ? nullptr
                           : portable || vectors == Vectors::avx2 ? "Haswell"
                                                                  : "SkylakeX";
  return {{"OPENBLAS_CORETYPE", blas},
          {"ATEN_CPU_CAPABILITY", portable ? "avx2" : nullptr},
          {"ONEDNN_MAX_CPU_ISA", portable ? "AVX2" : nullptr},
          {"DNNL_MAX_CPU_ISA", portable ? "AVX2" : nullptr},
          {"MKL_CBWR", portable ? "AVX2,STRICT" : nullptr},
          {"LATENTCRS_AMX", arithmetic == Arithmetic::native ? "1" : nullptr}};
}

/// Variables with the same values in both kinds of arithmetic.
constexpr Pinned kAlways[] = {{"OPENBLAS_NUM_THREADS", "1"},
                              {"GOTO_NUM_THREADS", nullptr},
                              {"OPENBLAS_DEFAULT_NUM_THREADS", nullptr},
                              {"OPENBLAS_L2_SIZE", nullptr},
                              {"OPENBLAS_BLOCK_FACTOR", nullptr},
                              {"MKL_NUM_THREADS", nullptr},
                              {"MKL_DOMAIN_NUM_THREADS", nullptr},
                              {"MKL_ENABLE_INSTRUCTIONS", nullptr},
                              {"MKL_DEBUG_CPU_TYPE", nullptr},
                              {"ONEDNN_DEFAULT_FPMATH_MODE", nullptr},
                              {"DNNL_DEFAULT_FPMATH_MODE", nullptr},
                              {"TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", nullptr},
                              {"CUBLAS_WORKSPACE_CONFIG", ":4096:8"}};  // sums in one order on a GPU

/// Gives the variable its value. Returns the value it had, if that was another.
std::optional<std::string> pin(const Pinned& variable) {
  const char* const found = std::getenv(variable.name);
  const std::optional<std::string> before = found != nullptr ? std::optional<std::string>(found) : std::nullopt;
  if (variable.value != nullptr)
    setenv(variable.name, variable.value, /*overwrite=*/1);
  else
    unsetenv(variable.name);
  return before && (variable.value == nullptr || *before != variable.value) ? before : std::nullopt;
}

}  // namespace

std::vector<std::string> set_compute_environment(Arithmetic arithmetic, int setting) {
  const int threads = resolve_threads(setting);
  std::vector<Pinned> pinned = code_paths(arithmetic);
  pinned.insert(pinned.end(), std::begin(kAlways), std::end(kAlways));
  std::vector<std::string> overruled;
  for (const Pinned& variable : pinned)
    if (const auto before = pin(variable)) overruled.push_back(fmt::format("{}={}", variable.name, *before));
  // Where the setting is 0 the variable counts (base/util/processors.h), unless its number makes no sense on this
  // machine.
  const std::string number = std::to_string(threads);
  const char* const wanted = std::getenv("OMP_NUM_THREADS");
  if (wanted != nullptr && setting == 0 && std::atoi(wanted) != threads)
    overruled.push_back(fmt::format("OMP_NUM_THREADS={}", wanted));
  setenv("OMP_NUM_THREADS", number.c_str(), /*overwrite=*/1);
  // Waiting threads give up spinning early, or a busy neighbour on the same cores slows every loop several times.
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "1000", /*overwrite=*/0);
  return overruled;
}

}  // namespace latentcrs
