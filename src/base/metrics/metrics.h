// Ranking metrics as pure functions of ranks. A rank is the place of the user's one relevant item, counted from 1; 0
// means that it was not ranked (no utterance, for example) and counts as a miss.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace latentcrs {

/// The rank of one user's relevant item.
using Rank = int32_t;

/// HIT@k: the share of users whose rank is in [1, k].
double hit_at(std::span<const Rank> ranks, int k);
/// NDCG@k: the mean over the users of 1/log2(rank + 1) for ranks in [1, k] and 0 for others. With one relevant item the
/// ideal DCG is 1.
double ndcg_at(std::span<const Rank> ranks, int k);
/// MRR: the mean over the users of 1/rank, and 0 for misses.
double mrr(std::span<const Rank> ranks);
/// The value of the metric `name`: "HIT@10", "NDCG@5" or "MRR". Throws Error(config) for any other name.
double metric(std::span<const Rank> ranks, const std::string& name);

/// Half-width of the 95% normal interval of the mean of `values`; 0 for fewer than two.
double half_width_95(std::span<const double> values);

/// exp of the entropy of `shares`, which add up to 1: the number of equal shares with the same entropy.
double effective_number(std::span<const double> shares);

struct Interval {
  double low = 0, high = 0;
};
/// The 95% score interval of a share (Wilson, JASA 1927). Unlike the normal interval it stays in [0, 1] and has a width
/// at 0 and 1. It is [0, 1] for n = 0.
Interval wilson_95(int64_t successes, int64_t n);

/// half_width_95() of the per-user values of the metric `name`; throws Error(config) for an unknown name.
double confidence_95(std::span<const Rank> ranks, const std::string& name);

/// The cut-offs that the paper reports.
inline constexpr int kOneTurnCutoffs[] = {5, 10, 15, 20};
inline constexpr int kPretrainCutoffs[] = {5, 10, 20};

}  // namespace latentcrs
