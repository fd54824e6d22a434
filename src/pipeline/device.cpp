#include "latentcrs/pipeline/device.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <torch/cuda.h>

#include <thread>

#include "latentcrs/util/error.h"

namespace latentcrs {

c10::Device choose_device(const std::string& name) {
  if (name == "auto") return torch::cuda::is_available() ? c10::Device(c10::kCUDA, 0) : c10::Device(c10::kCPU);
  const c10::Device device(name);
  if (device.is_cuda() && static_cast<size_t>(std::max<int>(device.index(), 0)) >= torch::cuda::device_count())
    throw config_error(fmt::format("device={}: this LibTorch sees {} CUDA devices; use device=cpu or device=auto", name,
                                   torch::cuda::device_count()));
  return device;
}

void set_threads(int threads) {
  at::set_num_threads(threads > 0 ? threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
}

int threads_in_use() { return at::get_num_threads(); }

}  // namespace latentcrs
