// A sweep: one job after another, each in a run folder of its own.
#pragma once

#include "cli/core_requests.h"
#include "cli/invocation.h"

namespace latentcrs {

/// Runs every job of the invocation, prints and writes the table of their headlines, and returns the exit code of the
/// first job that failed, or 0.
int run_sweep(const Invocation& invocation, const StagesRequest& request);

/// Makes the run folders of the invocation's jobs, and prints for each the command that runs it, one a line. Returns 0.
int list_sweep(const Invocation& invocation, const StagesRequest& request);

/// The flags of one job of the request.
RunFlags flags_of_job(const StagesRequest& request, const Invocation& invocation, const Job& job);

}  // namespace latentcrs
