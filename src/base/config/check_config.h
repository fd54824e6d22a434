// Rules between settings; the range of each setting by itself is in schema.cpp.
#pragma once

#include <string>
#include <vector>

#include "base/config/config.h"

namespace latentcrs {

struct Conflict {
  std::vector<std::string> keys;  ///< the settings involved, the one to blame first
  std::string problem;
  std::string hint;
};

std::vector<Conflict> check_config(const Config& config);

}  // namespace latentcrs
