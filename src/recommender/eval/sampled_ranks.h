// Ranks among the target and a few items drawn for it, in the place of the whole catalogue.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/metrics/metrics.h"

namespace latentcrs {

/// Rank of each user's target among it and the user's negatives, ties ranked pessimistically. users [n, d], items [V,
/// d] (multiplied as float32 on their device), targets [n] and negatives [n, N] int64 on any device: rows of `items`.
/// Throws Error(numeric) naming the first user with a score that is not finite.
std::vector<Rank> rank_among(const at::Tensor& users, const at::Tensor& items, std::span<const int32_t> targets,
                             const at::Tensor& negatives);

/// Same for a given score of every item that is the same for all users, [V].
std::vector<Rank> rank_among_by_score(std::span<const double> scores, std::span<const int32_t> targets,
                                      const at::Tensor& negatives);

}  // namespace latentcrs
