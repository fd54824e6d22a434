// The grammar of the values of overrides (Hydra's OverrideParser.g4), by recursive descent.
#pragma once

#include <string>

#include "config/override_value.h"

namespace latentcrs {

struct ParsedValue {
  OverrideValue value;
  bool calls_function = false;
};

/// The value in `text`, all of which it has to be. Throws WrongValue.
ParsedValue parse_override_value(const std::string& text);

}  // namespace latentcrs
