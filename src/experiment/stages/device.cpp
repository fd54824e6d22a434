#include "experiment/stages/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include "base/util/error.h"
#include "base/util/processors.h"

namespace latentcrs {

namespace {

/// On a GPU some operators add up in any order unless told not to. An operator that has no other way throws.
void use_deterministic_operators() {
  at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/false);
#if TORCH_VERSION_MAJOR >= 2
  at::globalContext().setDeterministicFillUninitializedMemory(
      false);  // no code here reads memory that it did not write
#endif
}

}  // namespace

c10::Device choose_device(const std::string& name) {
  if (name == "auto") return choose_device(torch::cuda::is_available() ? "cuda:0" : "cpu");
  const c10::Device device(name);
  if (device.is_cuda() && std::max<int>(device.index(), 0) >= static_cast<int>(torch::cuda::device_count()))
    throw config_error(fmt::format("device={}: this LibTorch sees {} CUDA devices; use device=cpu or device=auto", name,
                                   torch::cuda::device_count()));
  if (!device.is_cuda()) return device;
  use_deterministic_operators();
  return {c10::kCUDA, device.has_index() ? device.index() : c10::DeviceIndex{0}};
}

void set_threads(int threads) { at::set_num_threads(resolve_threads(threads)); }

int threads_in_use() { return at::get_num_threads(); }

}  // namespace latentcrs
