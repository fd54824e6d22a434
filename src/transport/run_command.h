// A command's output: access tokens of gcloud and the like.
#pragma once

#include <string>

#include "transport/secret.h"

namespace latentcrs {

/// What `command` (for /bin/sh) prints on standard output, without white space at the ends. Throws Error(config) if it
/// fails, prints nothing or takes longer than `seconds`; the message names the command, never its output.
Secret run_command(const std::string& command, double seconds);

}  // namespace latentcrs
