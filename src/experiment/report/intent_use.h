// How test users share out among intents.
#pragma once

#include <vector>

namespace latentcrs {

/// The shares of the users whose intents these are, the most frequent intent first; intents of nobody are left out.
std::vector<double> intent_shares(const std::vector<int>& intents);

}  // namespace latentcrs
