// Defaults that depend on other settings.
#pragma once

#include <functional>
#include <string>

namespace latentcrs {

struct Config;

/// Changes settings for which `is_set` is false. A split that is given (datasets.split.by=column or files) is taken
/// whole: min_rating, min_interactions and item_filter then take nothing from it.
void set_derived_defaults(Config& config, const std::function<bool(const std::string& key)>& is_set);

}  // namespace latentcrs
