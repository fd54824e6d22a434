// The grammar of the values of overrides (Hydra's OverrideParser.g4), by recursive descent.
#pragma once

#include <string>

#include "base/config/override_value.h"

namespace latentcrs {

struct ParsedValue {
  OverrideValue value;
  bool calls_function = false;
};

/// The value that `text` as a whole is. Throws WrongValue.
ParsedValue parse_override_value(const std::string& text);

}  // namespace latentcrs
