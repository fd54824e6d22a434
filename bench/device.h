// Functions that the benchmarks of a GPU share: waiting for it, and its peak memory.
#pragma once

#include <ATen/ATen.h>
#include <c10/core/Device.h>
#include <torch/cuda.h>

#include <nlohmann/json.hpp>
#if LATENTCRS_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#endif

namespace latentcrs {

/// Starts to use a GPU, which has no statistics before that.
inline c10::Device started(c10::Device device) {
  if (device.is_cuda()) at::zeros({1}, at::TensorOptions().device(device));
  return device;
}

/// Waits until all work handed to the device is done.
inline void finish(c10::Device device) {
  if (device.is_cuda()) torch::cuda::synchronize(device.index());
}

inline void reset_device_peak([[maybe_unused]] c10::Device device) {
#if LATENTCRS_CUDA
  if (device.is_cuda()) c10::cuda::CUDACachingAllocator::resetPeakStats(device.index());
#endif
}

/// device, and device_mb on a GPU: the most memory in use since the last reset.
inline nlohmann::ordered_json device_record(c10::Device device) {
  nlohmann::ordered_json record = {{"device", device.is_cuda() ? "cuda" : "cpu"}};
#if LATENTCRS_CUDA
  if (device.is_cuda()) {
    const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(device.index());
    record["device_mb"] = stats.allocated_bytes[0].peak >> 20;
  }
#endif
  return record;
}

}  // namespace latentcrs
