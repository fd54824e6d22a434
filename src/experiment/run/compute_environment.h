// The environment in which the core library's dependencies are loaded: they read it once, at that time.
#pragma once

#include <string>
#include <vector>

#include "base/config/config.h"

namespace latentcrs {

/// Sets the variables that decide which code LibTorch, OpenBLAS, MKL, oneDNN and OpenMP compute with, so that a result
/// does not depend on the caller's environment. Returns those that the environment had set otherwise, each as
/// NAME=value.
///
/// portable: code for AVX2 and FMA, where the processor has them. native: code for this processor. In both, BLAS has
/// one thread; OpenMP's pool is the only one; its size follows from `setting`, the
/// config's `threads`. Throws Error(config) for too many.
std::vector<std::string> set_compute_environment(Arithmetic arithmetic, int setting);

}  // namespace latentcrs
