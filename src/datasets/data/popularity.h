// How often items occur in training, and what popularity adds to their logits.
#pragma once

#include <cstdint>
#include <vector>

#include "datasets/data/interactions.h"

namespace latentcrs {

/// weight · log((c_y + 1) / Σ (c + 1)) for each item y of `items` (ids of the dataset; 0 is none and gets 0), where c
/// counts the training part of the sequences and the sum is over `items` (docs/method.md, section 4.3).
std::vector<float> log_popularity(const Interactions& interactions, const std::vector<int32_t>& items, double weight);

}  // namespace latentcrs
