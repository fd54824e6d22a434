// The output of a command, such as the access tokens of gcloud.
#pragma once

#include <string>

#include "language/transport/secret.h"

namespace latentcrs {

/// Runs `command` with /bin/sh and returns its standard output without white space at the ends. Throws Error(config) if
/// it fails, prints no token or takes longer than `seconds`; the message names the command, never its output.
Secret run_command(const std::string& command, double seconds);

}  // namespace latentcrs
