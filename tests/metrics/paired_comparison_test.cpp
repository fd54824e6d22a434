#include "base/metrics/paired_comparison.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "base/util/random.h"

using namespace latentcrs;

namespace {

PairedMetric metric_of(std::vector<double> a, std::vector<double> b) { return {"m", std::move(a), std::move(b)}; }

/// Metric values a with b = 0 for all users.
PairedMetric differences(std::vector<double> d) {
  const size_t n = d.size();
  return metric_of(std::move(d), std::vector<double>(n, 0.0));
}

PairedResult compare_one(const PairedMetric& metric, ResamplingOptions options = {}) {
  return compare_paired({&metric, 1}, options).front();
}

/// n normal draws with mean `mean` and standard deviation 1.
PairedMetric normal_differences(double mean, int n, uint64_t seed) {
  Rng rng(derive_seed(seed, "test-differences"));
  std::vector<double> d;
  for (int i = 0; i < n; ++i) d.push_back(mean + rng.normal());
  return differences(std::move(d));
}

}  // namespace

TEST_CASE("the permutation p of few users counts all sign patterns", "[paired]") {
  // Of ±1 ±2 ±3 only +++ and --- reach |6|.
  CHECK(compare_one(differences({1, 2, 3})).p == 2.0 / 8);
  // 3 - 1 + 2 = 4; of ±3 ±1 ±2 the sums ±6 and ±4 reach it. Users without a difference change nothing.
  CHECK(compare_one(differences({3, 0, -1, 2, 0, 0})).p == 4.0 / 8);
  // Equal decimal fractions in another order are a tie although their sums in binary differ in the last digit: of the
  // eight patterns of ±0.1 ±0.2 ±0.3 those with |sum| 0.6 and 0.4 reach 0.4 = 0.3 + 0.2 - 0.1.
  CHECK(compare_one(differences({-0.1, 0.2, 0.3})).p == 4.0 / 8);
  CHECK(compare_one(differences({0, 0})).p == 1.0);
}

TEST_CASE("the sign test as a special case, exactly and by random signs", "[paired]") {
  // 15 of 20 users gain 1, 5 lose 1: p = 2 P(Binomial(20, 1/2) >= 15) = 43400 / 2^20.
  std::vector<double> d(20, 1.0);
  std::fill_n(d.begin(), 5, -1.0);
  const double exact = 43400.0 / (1 << 20);
  CHECK(compare_one(differences(d), {.resamples = 1 << 20}).p == exact);
  const double estimate = compare_one(differences(d)).p;  // standard error 0.002
  CHECK(estimate == Approx(exact).margin(0.008));
  CHECK(estimate != exact);
  CHECK(compare_one(differences(std::vector<double>(100, 1.0))).p == 1.0 / 10001);  // never 0
}

TEST_CASE("means, and who wins, by hand", "[paired]") {
  PairedMetric metric = metric_of({1, 0, 0.5, 1}, {0.5, 0.5, 0.5, 0});
  PairedResult result = compare_one(metric);
  CHECK(result.users == 4);
  CHECK(result.mean_a == 0.625);
  CHECK(result.mean_b == 0.375);
  CHECK(result.difference == 0.25);
  CHECK(result.low <= 0.25);
  CHECK(result.high >= 0.25);
  CHECK((result.wins == 2 && result.ties == 1 && result.losses == 1));
  metric.lower_is_better = true;
  result = compare_one(metric);
  CHECK(result.difference == 0.25);
  CHECK((result.wins == 1 && result.ties == 1 && result.losses == 2));
}

TEST_CASE("bootstrap of two values by hand", "[paired]") {
  // Means of two draws from {0, 1}: 0, 1/2, 1 with chances 1/4, 1/2, 1/4; so the quantiles are the ends.
  const PairedResult result = compare_one(differences({0, 1}));
  CHECK(result.low == 0.0);
  CHECK(result.high == 1.0);
  const PairedResult constant = compare_one(differences({0.25, 0.25, 0.25}));
  CHECK(constant.low == 0.25);
  CHECK(constant.high == 0.25);
}

TEST_CASE("intervals cover the truth and p-values keep their level", "[paired]") {
  constexpr int kTrials = 400, kUsers = 80;
  const ResamplingOptions options{.resamples = 400};
  int covered = 0, rejected = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    const auto seed = static_cast<uint64_t>(trial);
    const PairedResult shifted = compare_one(normal_differences(0.3, kUsers, seed), options);
    covered += shifted.low <= 0.3 && 0.3 <= shifted.high ? 1 : 0;
    rejected += compare_one(normal_differences(0.0, kUsers, seed), options).p <= 0.05 ? 1 : 0;
  }
  // Standard error of both shares: sqrt(0.05 * 0.95 / 400) = 0.011.
  CHECK(covered > 0.915 * kTrials);
  CHECK(covered < 0.985 * kTrials);
  CHECK(rejected > 0.015 * kTrials);
  CHECK(rejected < 0.085 * kTrials);
}

TEST_CASE("metrics share users and signs, and the seed decides", "[paired]") {
  // There are more metrics than are summed at once and more users than a word of signs has bits; all metrics are equal.
  const std::vector<PairedMetric> metrics(11, normal_differences(0.1, 150, 1));
  const auto results = compare_paired(metrics, {.resamples = 500});
  for (const PairedResult& result : results) {
    CHECK(result.p == results.front().p);
    CHECK(result.low == results.front().low);
    CHECK(result.high == results.front().high);
  }
  const auto again = compare_paired(metrics, {.resamples = 500});
  CHECK(again.back().p == results.back().p);
  CHECK(again.back().low == results.back().low);
  const auto other = compare_paired(metrics, {.resamples = 500, .seed = 7});
  CHECK(other.back().low != results.back().low);
}

TEST_CASE("Holm's adjustment on a worked example", "[paired]") {
  // Sorted: 0.005 * 4, 0.01 * 3, 0.03 * 2, and 0.04 * 1 raised to the one before.
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005};
  const std::vector<double> adjusted = holm(p);
  const std::vector<double> expected = {0.03, 0.06, 0.06, 0.02};
  for (size_t i = 0; i < p.size(); ++i) CHECK(adjusted[i] == Approx(expected[i]));
  CHECK(holm(std::vector<double>{0.7, 0.9}) == std::vector<double>{1.0, 1.0});
  CHECK(holm({}).empty());

  PairedResult first, second;
  first.p = 0.03;
  second.p = 0.02;
  PairedResult* const family[] = {&first, &second};
  adjust_holm(family);
  CHECK(second.p_holm == 0.04);
  CHECK(first.p_holm == 0.04);
  CHECK(first.p == 0.03);
}

TEST_CASE("values that are not pairs are refused", "[paired]") {
  const PairedMetric uneven = metric_of({1, 2}, {1});
  CHECK_THROWS_AS(compare_one(uneven), Error);
  CHECK_THROWS_WITH(compare_one(differences({})), Catch::Contains("no users"));
  CHECK(compare_paired({}, {}).empty());
}
