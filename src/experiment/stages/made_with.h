// The program and the machine that a result is made with.
#pragma once

#include <c10/core/Device.h>

#include <nlohmann/json_fwd.hpp>

#include "base/config/config.h"

namespace latentcrs {

/// build_record() with arithmetic, instruction_set (of our kernels), blas (with its kernels), device and threads.
nlohmann::json made_with(const Config& config, c10::Device device);

}  // namespace latentcrs
