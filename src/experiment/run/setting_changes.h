// The differences between two sets of settings, in lines for people.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace latentcrs {

/// A line for each setting that changed: "learning_rate was 0.001 and is 0.01". Keys are those of the config; an entry
/// of a list of maps is called by its name (stages.joint.epochs). Long values are cut. Empty for equal settings.
std::vector<std::string> setting_changes(const nlohmann::json& before, const nlohmann::json& now);

}  // namespace latentcrs
