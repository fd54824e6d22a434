// Paired tests: is A better than B, given the results of both for the same users? For each metric, with the difference
// d_i = a_i - b_i of user i, they compute
//
// - a 95% interval of the mean of d by the percentile bootstrap: users are drawn with replacement, and the interval is
//   given by the 2.5% and 97.5% quantiles of the resampled means (Efron and Tibshirani, An Introduction to the
//   Bootstrap, 1993, chapter 13);
// - a two-sided p-value by the permutation test for pairs: if A and B were equally good, each d_i could have the other
//   sign, so p is the share of sign patterns with |Σ ±d_i| >= |Σ d_i|. All 2^n patterns are used if there are no more
//   of them than resamples (users with d = 0 do not count); otherwise random patterns are, and the observed one counts
//   as one of them: p = (1 + hits) / (1 + resamples) (Phipson and Smyth, Permutation p-values should never be zero,
//   2010);
// - Holm's adjustment over the family of all metrics compared (Holm, A simple sequentially rejective multiple test
//   procedure, 1979): with p_(1) <= … <= p_(m), the adjusted p_(i) is the maximum over j <= i of min(1, (m - j + 1)
//   p_(j)).
//
// Smucker, Allan and Carterette (CIKM 2007) compare both tests on ranking metrics.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace latentcrs {

/// The values of a metric under A and B, for the same users in the same order.
struct PairedMetric {
  std::string name;
  std::vector<double> a, b;
  bool lower_is_better = false;  ///< decides who wins; the sign of the difference does not depend on it
};

struct PairedResult {
  std::string metric;
  int64_t users = 0;
  double mean_a = 0, mean_b = 0;
  double difference = 0;                   ///< mean_a - mean_b
  double low = 0, high = 0;                ///< 95% interval of the difference
  double p = 1;                            ///< two-sided p-value
  double p_holm = 1;                       ///< p-value adjusted for the family that adjust_holm() was given
  int64_t wins = 0, ties = 0, losses = 0;  ///< numbers of users for whom A is better, equal, worse
};

struct ResamplingOptions {
  int resamples = 10000;  ///< resamples of the bootstrap and of the permutation test; at least 1
  uint64_t seed = 42;
};

/// Returns one result per metric, with p_holm = p. With `clusters` [users], whose users may depend on each other (the
/// turns of a dialogue), whole clusters are drawn and have their sign changed: the resampled mean is the sum of the
/// drawn clusters' differences over the number of their users. All metrics share the drawn users and signs. Equal
/// arguments give equal bits. Throws Error(internal) for metrics or clusters of different numbers of users, Error(data)
/// if there are no users.
std::vector<PairedResult> compare_paired(std::span<const PairedMetric> metrics, const ResamplingOptions& options,
                                         std::span<const int64_t> clusters = {});

/// Holm-adjusted p-values, in the order of `p`.
std::vector<double> holm(std::span<const double> p);

/// Sets p_holm of all results, which are one family.
void adjust_holm(std::span<PairedResult* const> family);

}  // namespace latentcrs
