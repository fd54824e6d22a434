// What `doctor` says of the processes that a launcher started together.
#pragma once

#include <string>
#include <vector>

#include "base/util/table.h"
#include "numerics/parallel/placement.h"

namespace latentcrs {

/// The launcher, this process' place, where process 0 listens, the address at which others reach this one, and its
/// processors. Faults are added to `obstacles`.
Table processes_table(const LauncherEnvironment& environment, std::vector<std::string>& obstacles);

}  // namespace latentcrs
