// How much the score with text trusts a history, by its length (docs/method.md, section 7).
#pragma once

#include <string>

#include "recommender/model/intent_networks.h"
#include "recommender/train/em_data.h"

namespace latentcrs {

/// The mean of gamma(h_u) over the examples of each length of history, for the log: "0.41 for 0 items, 0.83 for 1, 0.95
/// for 2, 1.02 for 3 and more". The split's states must be computed, the prior must have prior.m_ux.add_user_state.
std::string state_weights_text(const PriorNetwork& prior, const EmSplit& split);

}  // namespace latentcrs
