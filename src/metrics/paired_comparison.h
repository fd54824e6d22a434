// Is A better than B, given what both did for the same users? For each metric, with d_i = a_i - b_i of user i:
//
// - a 95% interval of mean d by the percentile bootstrap: users drawn with replacement, the 2.5% and 97.5% quantiles of
//   the resampled means (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13);
// - a two-sided p-value by the permutation test for pairs: if A and B do equally well, each d_i could as well have the
//   other sign, so p is the share of sign patterns with |Σ ±d_i| >= |Σ d_i|. All 2^n patterns where these are no more
//   than the resamples asked for (users with d = 0 do not count); else random ones, the observed pattern being one of
//   them: p = (1 + hits) / (1 + resamples) (Phipson and Smyth, Permutation p-values should never be zero, 2010);
// - Holm's adjustment over the family of all metrics compared (Holm, A simple sequentially rejective multiple test
//   procedure, 1979): with p_(1) <= … <= p_(m), adjusted p_(i) = max over j <= i of min(1, (m - j + 1) p_(j)).
//
// Both tests on ranking metrics: Smucker, Allan and Carterette, CIKM 2007.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace latentcrs {

/// A metric's values for the same users in the same order under A and B.
struct PairedMetric {
  std::string name;
  std::vector<double> a, b;
  bool lower_is_better = false;  ///< decides who wins, not the sign of the difference
};

struct PairedResult {
  std::string metric;
  int64_t users = 0;
  double mean_a = 0, mean_b = 0;
  double difference = 0;                   ///< mean_a - mean_b
  double low = 0, high = 0;                ///< its 95% interval
  double p = 1;                            ///< two-sided
  double p_holm = 1;                       ///< of the family that adjust_holm was given
  int64_t wins = 0, ties = 0, losses = 0;  ///< users for whom A is better, as good, worse
};

struct ResamplingOptions {
  int resamples = 10000;  ///< of the bootstrap and of the permutation test; >= 1
  uint64_t seed = 42;
};

/// One result a metric, p_holm = p. The metrics share the drawn users and signs. Same arguments, same bits. Throws
/// Error(internal) for metrics of different numbers of users, Error(data) if there are none.
std::vector<PairedResult> compare_paired(std::span<const PairedMetric> metrics, const ResamplingOptions& options);

/// Holm-adjusted p-values, in the order of `p`.
std::vector<double> holm(std::span<const double> p);

/// Sets p_holm, taking all results as one family.
void adjust_holm(std::span<PairedResult* const> family);

}  // namespace latentcrs
