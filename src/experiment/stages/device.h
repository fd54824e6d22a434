// The device and the threads that tensors are computed with.
#pragma once

#include <c10/core/Device.h>

#include <string>

namespace latentcrs {

/// auto: CUDA where there is one, else the CPU. Throws Error(config) for a device that is not there.
c10::Device choose_device(const std::string& name);

/// The setting `threads`; throws Error(config) for too many (base/util/processors.h). There is one pool for everything:
/// OpenBLAS keeps to one thread, our own loops and LibTorch share OpenMP's.
void set_threads(int threads);
int threads_in_use();

}  // namespace latentcrs
