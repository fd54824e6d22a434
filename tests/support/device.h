// Where tests with tensors compute: cases tagged [device] run on the device that LATENTCRS_TEST_DEVICE names.
#pragma once

#include <c10/core/Device.h>

#include <cstdlib>

namespace latentcrs::test {

/// LATENTCRS_TEST_DEVICE (cpu, cuda), else the CPU.
inline c10::Device test_device() {
  const char* name = std::getenv("LATENTCRS_TEST_DEVICE");
  return name == nullptr ? c10::Device(c10::kCPU) : c10::Device(name);
}

}  // namespace latentcrs::test
