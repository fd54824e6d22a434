// The commands that compute, inside the core library.
#pragma once

#include "cli/invocation.h"
#include "pipeline/pipeline.h"

namespace latentcrs {

/// A stage, or all of them; with --multirun once per job. Returns the exit code.
int command_stages(const Invocation& invocation);
/// What the invocation asks of one job with these overrides.
RunFlags run_flags(const Invocation& invocation, const std::vector<std::string>& overrides);
int run_sweep(const Invocation& invocation, const std::vector<std::string>& stages);
int command_doctor(const Invocation& invocation);
int command_intents(const Invocation& invocation);

}  // namespace latentcrs
