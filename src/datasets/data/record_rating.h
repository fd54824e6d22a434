// Ratings as datasets write them.
#pragma once

#include <optional>
#include <string_view>

namespace latentcrs {

/// "4", "4.5" or "4,5"; nullopt for what is no finite number.
std::optional<double> parse_rating(std::string_view text);

}  // namespace latentcrs
