// Ranking metrics: pure functions of ranks.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace latentcrs {

/// 1-based rank of the user's one relevant item; 0 means it was never ranked (no utterance, for example): a miss.
using Rank = int32_t;

/// Share of users whose rank is in [1, k].
double hit_at(std::span<const Rank> ranks, int k);
/// Mean of 1/log2(rank + 1) for ranks in [1, k], 0 otherwise (one relevant item, so the ideal is 1).
double ndcg_at(std::span<const Rank> ranks, int k);
/// Mean of 1/rank, 0 for misses.
double mrr(std::span<const Rank> ranks);
/// "HIT@10", "NDCG@5" or "MRR" -> its value. Throws Error(config) for any other name.
double metric(std::span<const Rank> ranks, const std::string& name);

/// Half-width of the 95% normal interval of the mean of `values`; 0 for fewer than two.
double half_width_95(std::span<const double> values);

/// exp of the entropy of shares that add up to 1: how many equal shares would be as varied.
double effective_number(std::span<const double> shares);

struct Interval {
  double low = 0, high = 0;
};
/// 95% score interval of a share (Wilson, JASA 1927): unlike the normal one it stays in [0, 1] and has a width at 0 and
/// 1. [0, 1] for n = 0.
Interval wilson_95(int64_t successes, int64_t n);

/// half_width_95 of the per-user values of the metric `name`.
double confidence_95(std::span<const Rank> ranks, const std::string& name);

/// The published cut-offs.
inline constexpr int kOneTurnCutoffs[] = {5, 10, 15, 20};
inline constexpr int kPretrainCutoffs[] = {5, 10, 20};

}  // namespace latentcrs
