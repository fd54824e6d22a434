// What is installed, what a config needs, and how to get what is missing.
#pragma once

#include <string>
#include <vector>

#include "config/load_config.h"
#include "util/table.h"

namespace latentcrs {

struct Diagnosis {
  std::vector<Table> tables;
  std::vector<std::string> obstacles;  ///< what keeps the given config from running; one line each
  std::string left_out = {};           ///< which stages `run` leaves out with the given config, and why; empty: none
};

struct DoctorFlags {
  bool services = false;  ///< also ask the services that the config names; that costs nothing
};

/// Looks at this installation, at the datasets of the configs in the search path, and at `loaded` if it is given.
/// Of credentials only names are looked at, unless flags.services. Never throws for what it finds.
Diagnosis diagnose(const LoadedConfig* loaded, const DoctorFlags& flags = {});

}  // namespace latentcrs
