// The part of a split whose users are simulated.
#pragma once

#include <string>
#include <vector>

#include "base/config/config.h"
#include "datasets/data/splits.h"

namespace latentcrs {

/// make_split() with the records of all users, or of those that simulate.users draws; the order stays. A larger number
/// of users adds to the users of a smaller one. Throws as make_split().
std::vector<SplitRecord> make_simulated_split(const Interactions& interactions, const std::string& key,
                                              const Config& config);
/// The targets of these records (split_targets()).
std::vector<Target> simulated_targets(const Interactions& interactions, const std::string& key, const Config& config);

}  // namespace latentcrs
