// The types of YAML's plain scalars as OmegaConf reads them: YAML 1.1 of PyYAML with its own rule for numbers with
// exponents (1e-3 is a number) and without dates.
#pragma once

#include <string>

#include "base/config/node.h"

namespace latentcrs {

/// The value of the scalar `text`, which is written without quotes.
Node plain_scalar(const std::string& text, const std::string& origin);

/// True for the texts that YAML reserves: "=" and, as a value, "<<".
bool is_reserved_scalar(const std::string& text);

}  // namespace latentcrs
