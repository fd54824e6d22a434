// The functions of Hydra's override grammar. Casts: int, float, str, bool. Sweeps: choice, range, interval, glob, tag.
// Both: sort, shuffle (whose order is the same in every process).
#pragma once

#include <string>
#include <vector>

#include "base/config/override_value.h"

namespace latentcrs {

struct Argument {
  std::string name;  ///< empty: by position
  OverrideValue value;
};

/// Throws WrongValue for an unknown function and for wrong arguments.
OverrideValue call_override_function(const std::string& name, std::vector<Argument> arguments);

}  // namespace latentcrs
