// The state of the installation, the needs of a config, and the ways to get missing files.
#pragma once

#include <string>
#include <vector>

#include "base/config/load_config.h"
#include "base/util/table.h"

namespace latentcrs {

struct Diagnosis {
  std::vector<Table> tables;
  std::vector<std::string> obstacles;  ///< reasons why the given config cannot run; one line each
  std::string left_out = {};  ///< the stages that `run` leaves out with the given config, and why; empty if it runs all
};

struct DoctorFlags {
  bool services = false;  ///< also ask the services that the config names, with requests that are free
};

/// Looks at this installation, at the datasets of the configs in the search path, and at `loaded` if it is given.
/// It looks only at the names of credentials, unless flags.services is set. It reports faults and does not throw them.
Diagnosis diagnose(const LoadedConfig* loaded, const DoctorFlags& flags = {});

}  // namespace latentcrs
