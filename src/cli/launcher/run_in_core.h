// The way into the core library (LibTorch, Faiss), which only commands that compute load.
#pragma once

#include <any>
#include <string>

#include "cli/invocation.h"

namespace latentcrs {

/// Sets the environment that the core library's dependencies read when they are loaded, loads the library, and runs
/// `command` in it. `request` is of the type that cli/core_requests.h gives for the command. Returns the exit code.
/// Throws Error(internal) if the library cannot be loaded.
int run_in_core(const Invocation& invocation, const std::string& command, const std::any& request);

}  // namespace latentcrs
