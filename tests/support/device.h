// The device of tests with tensors: cases tagged [device] run on the device that LATENTCRS_TEST_DEVICE names.
#pragma once

#include <ATen/Context.h>
#include <c10/core/Device.h>

#include <cstdlib>

namespace latentcrs::test {

/// The device of LATENTCRS_TEST_DEVICE (cpu, cuda), else the CPU. On a GPU, operators are deterministic as in the
/// program.
inline c10::Device test_device() {
  const char* name = std::getenv("LATENTCRS_TEST_DEVICE");
  if (name == nullptr) return c10::kCPU;
  at::globalContext().setDeterministicAlgorithms(!c10::Device(name).is_cpu(), /*warn_only=*/false);
  return c10::Device(name);
}

}  // namespace latentcrs::test
