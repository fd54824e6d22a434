#include "base/metrics/metrics.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/util/error.h"

namespace latentcrs {

namespace {

constexpr double kNormal95 = 1.96;  // two-sided quantile

double hit(Rank rank, int k) { return rank >= 1 && rank <= k ? 1.0 : 0.0; }
double reciprocal(Rank rank, int /*k*/) { return rank >= 1 ? 1.0 / rank : 0.0; }
double ndcg(Rank rank, int k) { return rank >= 1 && rank <= k ? 1.0 / std::log2(rank + 1.0) : 0.0; }

template <class Value>
double mean(std::span<const Rank> ranks, Value value) {
  double sum = 0;
  for (const Rank rank : ranks) sum += value(rank);
  return ranks.empty() ? 0.0 : sum / static_cast<double>(ranks.size());
}

/// A metric's name, "HIT@10", divided into its kind and cut-off.
struct MetricName {
  double (*value)(Rank, int) = nullptr;
  int k = 0;
};

MetricName parse(const std::string& name) {
  if (name == "MRR") return {.value = reciprocal, .k = 1};
  const size_t at = name.find('@');
  const std::string kind = name.substr(0, at);
  MetricName metric{.value = kind == "HIT" ? hit : kind == "NDCG" ? ndcg : nullptr};
  if (at != std::string::npos) {
    const char* end = name.data() + name.size();
    const auto [rest, error] = std::from_chars(name.data() + at + 1, end, metric.k);
    if (error != std::errc() || rest != end) metric.k = 0;
  }
  if (metric.value == nullptr || metric.k < 1)
    throw config_error(fmt::format("{}: no such metric; use HIT@k or NDCG@k, for example NDCG@10", name));
  return metric;
}

}  // namespace

double hit_at(std::span<const Rank> ranks, int k) {
  return mean(ranks, [k](Rank rank) { return hit(rank, k); });
}

double ndcg_at(std::span<const Rank> ranks, int k) {
  return mean(ranks, [k](Rank rank) { return ndcg(rank, k); });
}

double mrr(std::span<const Rank> ranks) {
  return mean(ranks, [](Rank rank) { return reciprocal(rank, 1); });
}

double metric(std::span<const Rank> ranks, const std::string& name) {
  const MetricName parsed = parse(name);
  return mean(ranks, [&](Rank rank) { return parsed.value(rank, parsed.k); });
}

double half_width_95(std::span<const double> values) {
  const double n = static_cast<double>(values.size());
  if (n < 2) return 0.0;
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  for (const double value : values) squares += (value - sum / n) * (value - sum / n);
  return kNormal95 * std::sqrt(squares / (n - 1) / n);
}

double effective_number(std::span<const double> shares) {
  double entropy = 0;
  for (const double share : shares)
    if (share > 0) entropy -= share * std::log(share);
  return std::exp(entropy);
}

Interval wilson_95(int64_t successes, int64_t n) {
  if (n == 0) return {0.0, 1.0};
  constexpr double z2 = kNormal95 * kNormal95;
  const double users = static_cast<double>(n), share = static_cast<double>(successes) / users;
  const double centre = (share + z2 / (2 * users)) / (1 + z2 / users);
  const double half = kNormal95 * std::sqrt(share * (1 - share) / users + z2 / (4 * users * users)) / (1 + z2 / users);
  // Rounding leaves a little at the ends, where the bounds are exactly 0 and 1.
  return {successes == 0 ? 0.0 : centre - half, successes == n ? 1.0 : centre + half};
}

double confidence_95(std::span<const Rank> ranks, const std::string& name) {
  const MetricName parsed = parse(name);
  std::vector<double> values;
  for (const Rank rank : ranks) values.push_back(parsed.value(rank, parsed.k));
  return half_width_95(values);
}

}  // namespace latentcrs
