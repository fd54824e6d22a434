// Ranks in the whole catalogue on the CPU, counted while the scores lie in a core's cache.
#pragma once

#include <cstdint>
#include <span>

#include "recommender/eval/ranker.h"

namespace latentcrs {

/// rank_targets_both_ways() for users [N, D] and items [V, D] of float32 on the CPU and rows that exist, with kUnsound
/// (recommender/eval/device_ranks.h) instead of an exception. The scores have the bits of packed_product().
BothRanks catalogue_ranks(const at::Tensor& users, const at::Tensor& items, std::span<const int32_t> targets,
                          const Candidates& candidates);

}  // namespace latentcrs
