#include "experiment/stages/made_with.h"

#include <ATen/Context.h>

#include <nlohmann/json.hpp>
#include <string>

#include "experiment/run/version.h"
#include "experiment/stages/device.h"
#include "experiment/stages/stage.h"
#include "numerics/linalg/instruction_set.h"

// OpenBLAS' own functions; null where the BLAS is another one.
extern "C" {
char* openblas_get_config() __attribute__((weak));
char* openblas_get_corename() __attribute__((weak));
}

namespace latentcrs {

namespace {

/// "OpenBLAS 0.3.21, Haswell": name, version, and the processor whose code it runs.
std::string blas() {
  if (at::hasMKL()) return "MKL";
  if (openblas_get_config == nullptr || openblas_get_corename == nullptr) return "unknown";
  const std::string config = openblas_get_config();
  const size_t end = config.find(' ', config.find(' ') + 1);
  return config.substr(0, end) + ", " + openblas_get_corename();
}

}  // namespace

nlohmann::json made_with(const Config& config, c10::Device device) {
  nlohmann::json record = build_record();
  record["arithmetic"] = arithmetic_of(config);
  record["instruction_set"] = kernel_instruction_set();
  record["blas"] = blas();
  record["device"] = device.str();
  record["threads"] = threads_in_use();
  return record;
}

}  // namespace latentcrs
