// The commands of the core library by name.
#pragma once

#include <string>

#include "cli/invocation.h"

namespace latentcrs {

/// Does the command's work and returns the exit code.
using CoreFunction = int (*)(const Invocation&);

/// Registers a command. The file of each defines one constant of this type.
struct CoreCommand {
  CoreCommand(const std::string& name, CoreFunction run);
};

/// The function registered under that name. Throws Error(internal) if there is none.
CoreFunction core_function(const std::string& name);

}  // namespace latentcrs
