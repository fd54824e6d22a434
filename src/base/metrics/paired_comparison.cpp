#include "base/metrics/paired_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "base/util/error.h"
#include "base/util/random.h"

namespace latentcrs {

namespace {

constexpr size_t kLanes = 8;  ///< metrics that are summed at once, in one or two vector registers
constexpr size_t kBlock =
    64;  ///< users whose sum is kept in float before it is added in double; their signs fit one word

using Lanes = std::array<float, kLanes>;
using Totals = std::array<double, kLanes>;

/// The differences of up to kLanes metrics, rows[user][metric]; the last row holds zeros.
struct MetricGroup {
  std::vector<Lanes> rows;
  Totals observed{};
  Totals tolerance{};  ///< sums that differ by less are equal, because float sums depend on their order

  explicit MetricGroup(size_t users) : rows(users + 1) {}
};

void add(Totals& totals, const Lanes& sums) {
  for (size_t m = 0; m < kLanes; ++m) totals[m] += static_cast<double>(sums[m]);
}

/// The sum of ±d over a group, where the sign of user i is minus if bit i of `signs` is set.
Totals signed_sums(const MetricGroup& group, const std::vector<uint64_t>& signs) {
  constexpr float kSigns[2] = {1.0F, -1.0F};
  Totals totals{};
  const size_t users = group.rows.size() - 1;
  for (size_t begin = 0; begin < users; begin += kBlock) {
    Lanes sums{};
    uint64_t bits = signs[begin / kBlock];
    for (size_t i = begin; i < std::min(begin + kBlock, users); ++i, bits >>= 1) {
      const float sign = kSigns[bits & 1];
      for (size_t m = 0; m < kLanes; ++m) sums[m] += sign * group.rows[i][m];
    }
    add(totals, sums);
  }
  return totals;
}

/// The sum of d over the drawn users. Numbers beyond the group's users stand for a user whose differences are 0.
Totals drawn_sums(const MetricGroup& group, const std::vector<uint32_t>& drawn) {
  Totals totals{};
  for (size_t begin = 0; begin < drawn.size(); begin += kBlock) {
    Lanes sums{};
    for (size_t j = begin; j < std::min(begin + kBlock, drawn.size()); ++j) {
      const Lanes& row = group.rows[drawn[j]];
      for (size_t m = 0; m < kLanes; ++m) sums[m] += row[m];
    }
    add(totals, sums);
  }
  return totals;
}

/// The tests of all metrics at once. Users without any difference are only counted.
class Resampler {
 public:
  Resampler(std::span<const PairedMetric> metrics, const ResamplingOptions& options)
      : metrics_(metrics), options_(options), users_(metrics.front().a.size()) {
    std::vector<size_t> differing;
    for (size_t i = 0; i < users_; ++i)
      if (std::any_of(metrics.begin(), metrics.end(), [i](const PairedMetric& m) { return m.a[i] != m.b[i]; }))
        differing.push_back(i);
    differing_ = differing.size();
    groups_.assign((metrics.size() + kLanes - 1) / kLanes, MetricGroup(differing_));
    for (size_t m = 0; m < metrics.size(); ++m) fill(metrics[m], differing, groups_[m / kLanes], m % kLanes);
    const std::vector<uint64_t> plus(words(), 0);
    for (MetricGroup& group : groups_) group.observed = signed_sums(group, plus);
  }

  /// The p-value of every metric.
  std::vector<double> sign_flips() const {
    const bool all_patterns = differing_ < 31 && (1LL << differing_) <= options_.resamples;
    const uint64_t patterns = all_patterns ? 1ULL << differing_ : static_cast<uint64_t>(options_.resamples);
    Rng rng(derive_seed(options_.seed, "sign-flips"));
    std::vector<int64_t> hits(metrics_.size(), all_patterns ? 0 : 1);
    std::vector<uint64_t> signs(words());
    for (uint64_t pattern = 0; pattern < patterns; ++pattern) {
      for (uint64_t& word : signs) word = all_patterns ? pattern : rng.next();
      for (size_t g = 0; g < groups_.size(); ++g) {
        const MetricGroup& group = groups_[g];
        const Totals sums = signed_sums(group, signs);
        for (size_t m = g * kLanes; m < std::min((g + 1) * kLanes, metrics_.size()); ++m) {
          const size_t lane = m % kLanes;
          hits[m] += std::abs(sums[lane]) >= std::abs(group.observed[lane]) - group.tolerance[lane] ? 1 : 0;
        }
      }
    }
    std::vector<double> p;
    for (const int64_t count : hits)
      p.push_back(static_cast<double>(count) / static_cast<double>(patterns + (all_patterns ? 0 : 1)));
    return p;
  }

  /// The resampled mean differences of each metric, sorted: [metric][resample].
  std::vector<std::vector<double>> bootstrap() const {
    Rng rng(derive_seed(options_.seed, "bootstrap"));
    std::vector<std::vector<double>> means(metrics_.size());
    std::vector<uint32_t> drawn(users_);
    for (int r = 0; r < options_.resamples; ++r) {
      draw(rng, drawn);
      for (size_t g = 0; g < groups_.size(); ++g) {
        const Totals sums = drawn_sums(groups_[g], drawn);
        for (size_t m = g * kLanes; m < std::min((g + 1) * kLanes, metrics_.size()); ++m)
          means[m].push_back(sums[m % kLanes] / static_cast<double>(users_));
      }
    }
    for (std::vector<double>& values : means) std::sort(values.begin(), values.end());
    return means;
  }

 private:
  size_t words() const { return (differing_ + kBlock - 1) / kBlock; }

  static void fill(const PairedMetric& metric, const std::vector<size_t>& users, MetricGroup& group, size_t lane) {
    double absolute = 0;
    for (size_t i = 0; i < users.size(); ++i) {
      const double difference = metric.a[users[i]] - metric.b[users[i]];
      group.rows[i][lane] = static_cast<float>(difference);
      absolute += std::abs(difference);
    }
    group.tolerance[lane] = 1e-6 * absolute;
  }

  /// Users drawn with replacement, two from each random word. Some are drawn too often by a factor of up to 1 + n /
  /// 2^32, far less than resampling can show.
  void draw(Rng& rng, std::vector<uint32_t>& drawn) const {
    const auto none = static_cast<uint32_t>(differing_);
    const auto pick = [&](uint64_t half) { return std::min(static_cast<uint32_t>((half * users_) >> 32), none); };
    for (size_t j = 0; j < drawn.size(); j += 2) {
      const uint64_t word = rng.next();
      drawn[j] = pick(word >> 32);
      if (j + 1 < drawn.size()) drawn[j + 1] = pick(word & 0xffffffff);
    }
  }

  std::span<const PairedMetric> metrics_;
  ResamplingOptions options_;
  size_t users_;
  size_t differing_ = 0;  ///< users with a difference in some metric
  std::vector<MetricGroup> groups_;
};

/// Users summed by their clusters.
class Clusters {
 public:
  explicit Clusters(std::span<const int64_t> of_users) {
    std::unordered_map<int64_t, size_t> places;
    for (const int64_t cluster : of_users) {
      const auto [known, is_new] = places.try_emplace(cluster, sizes_.size());
      if (is_new) sizes_.push_back(0);
      sizes_[known->second] += 1;
      places_.push_back(known->second);
    }
  }

  PairedMetric sums(const PairedMetric& metric) const {
    PairedMetric summed{.name = metric.name,
                        .a = std::vector<double>(sizes_.size()),
                        .b = std::vector<double>(sizes_.size()),
                        .lower_is_better = metric.lower_is_better};
    for (size_t i = 0; i < places_.size(); ++i) {
      summed.a[places_[i]] += metric.a[i];
      summed.b[places_[i]] += metric.b[i];
    }
    return summed;
  }

  /// As Resampler::bootstrap(), of metrics that sums() made.
  std::vector<std::vector<double>> bootstrap(std::span<const PairedMetric> summed,
                                             const ResamplingOptions& options) const {
    Rng rng(derive_seed(options.seed, "bootstrap"));
    std::vector<std::vector<double>> means(summed.size());
    std::vector<size_t> drawn(sizes_.size());
    for (int r = 0; r < options.resamples; ++r) {
      double users = 0;
      for (size_t& cluster : drawn) {
        cluster = static_cast<size_t>(rng.below(sizes_.size()));
        users += sizes_[cluster];
      }
      for (size_t m = 0; m < summed.size(); ++m) {
        double sum = 0;
        for (const size_t cluster : drawn) sum += summed[m].a[cluster] - summed[m].b[cluster];
        means[m].push_back(sum / users);
      }
    }
    for (std::vector<double>& values : means) std::sort(values.begin(), values.end());
    return means;
  }

 private:
  std::vector<size_t> places_;  ///< [users] the cluster of each
  std::vector<double> sizes_;   ///< [clusters] its number of users
};

/// The q-quantile of sorted values, by linear interpolation between the two nearest.
double quantile(const std::vector<double>& sorted, double q) {
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// All fields that need no resampling.
PairedResult describe(const PairedMetric& metric) {
  PairedResult result{.metric = metric.name,
                      .users = static_cast<int64_t>(metric.a.size()),
                      .mean_a = mean(metric.a),
                      .mean_b = mean(metric.b)};
  result.difference = result.mean_a - result.mean_b;
  for (size_t i = 0; i < metric.a.size(); ++i) {
    if (metric.a[i] == metric.b[i])
      ++result.ties;
    else
      ++((metric.a[i] > metric.b[i]) != metric.lower_is_better ? result.wins : result.losses);
  }
  return result;
}

void check_sizes(std::span<const PairedMetric> metrics) {
  const size_t users = metrics.front().a.size();
  for (const PairedMetric& metric : metrics)
    if (metric.a.size() != users || metric.b.size() != users)
      throw internal_error(
          fmt::format("{}: {} and {} values for {} users", metric.name, metric.a.size(), metric.b.size(), users));
  if (users == 0) throw data_error(fmt::format("{}: there are no users to compare", metrics.front().name));
}

}  // namespace

std::vector<PairedResult> compare_paired(std::span<const PairedMetric> metrics, const ResamplingOptions& options,
                                         std::span<const int64_t> of_users) {
  if (metrics.empty()) return {};
  check_sizes(metrics);
  std::vector<double> p;
  std::vector<std::vector<double>> means;
  if (of_users.empty()) {
    const Resampler resampler(metrics, options);
    p = resampler.sign_flips();
    means = resampler.bootstrap();
  } else {
    if (of_users.size() != metrics.front().a.size())
      throw internal_error(
          fmt::format("clusters of {} users, but there are {}", of_users.size(), metrics.front().a.size()));
    const Clusters clusters(of_users);
    std::vector<PairedMetric> summed;
    for (const PairedMetric& metric : metrics) summed.push_back(clusters.sums(metric));
    p = Resampler(summed, options).sign_flips();
    means = clusters.bootstrap(summed, options);
  }
  std::vector<PairedResult> results;
  for (size_t m = 0; m < metrics.size(); ++m) {
    PairedResult& result = results.emplace_back(describe(metrics[m]));
    result.p = result.p_holm = p[m];
    result.low = quantile(means[m], 0.025);
    result.high = quantile(means[m], 0.975);
  }
  return results;
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t i, size_t j) { return p[i] < p[j]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, std::min(1.0, static_cast<double>(p.size() - i) * p[order[i]]));
    adjusted[order[i]] = largest;
  }
  return adjusted;
}

void adjust_holm(std::span<PairedResult* const> family) {
  std::vector<double> p;
  for (const PairedResult* result : family) p.push_back(result->p);
  const std::vector<double> adjusted = holm(p);
  for (size_t i = 0; i < family.size(); ++i) family[i]->p_holm = adjusted[i];
}

}  // namespace latentcrs
