// The interval of a success rate in evaluate/multi_turn.json.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/metrics/metrics.h"

namespace latentcrs {

/// The 95% interval of the success rate at `turn`, from 0 on: the one that the run wrote, else Wilson's from the rate
/// and the number of dialogues. `figures` is the object "all" or "without_leaks".
Interval success_interval(const nlohmann::json& figures, size_t turn);

}  // namespace latentcrs
