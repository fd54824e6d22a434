// Ranks of a block of users with tensor operations only, for scores that lie on a GPU.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <limits>
#include <span>

#include "recommender/eval/ranker.h"

namespace latentcrs {

/// Marks a user whose scores hold a NaN, or whose target's score is not finite.
inline constexpr Rank kUnsound = -1;

/// The score of an item that may not be recommended.
inline constexpr float kNever = -std::numeric_limits<float>::infinity();

/// Ranks of the users begin, begin + 1, … whose scores are the rows of `scores` [n, V] (overwritten); targets [n].
void device_ranks(at::Tensor scores, int64_t begin, std::span<const int32_t> targets, const Candidates& candidates,
                  std::span<Rank> ranks);

}  // namespace latentcrs
