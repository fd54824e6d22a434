#include "latentcrs/eval/metrics.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "latentcrs/util/error.h"

namespace latentcrs {

namespace {

double hit(Rank rank, int k) { return rank >= 1 && rank <= k ? 1.0 : 0.0; }
double ndcg(Rank rank, int k) { return rank >= 1 && rank <= k ? 1.0 / std::log2(rank + 1.0) : 0.0; }

template <class Value>
double mean(std::span<const Rank> ranks, Value value) {
  double sum = 0;
  for (const Rank rank : ranks) sum += value(rank);
  return ranks.empty() ? 0.0 : sum / static_cast<double>(ranks.size());
}

/// "HIT@10" taken apart.
struct MetricName {
  double (*value)(Rank, int) = nullptr;
  int k = 0;
};

MetricName parse(const std::string& name) {
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
  return mean(ranks, [](Rank rank) { return rank >= 1 ? 1.0 / rank : 0.0; });
}

double metric(std::span<const Rank> ranks, const std::string& name) {
  const MetricName parsed = parse(name);
  return mean(ranks, [&](Rank rank) { return parsed.value(rank, parsed.k); });
}

double confidence_95(std::span<const Rank> ranks, const std::string& name) {
  const MetricName parsed = parse(name);
  const double n = static_cast<double>(ranks.size());
  if (n < 2) return 0.0;
  const double average = metric(ranks, name);
  const double squares = mean(ranks, [&](Rank rank) {
    const double deviation = parsed.value(rank, parsed.k) - average;
    return deviation * deviation;
  });
  return 1.96 * std::sqrt(squares / (n - 1));  // standard error from the sample variance, n/(n-1) * squares
}

}  // namespace latentcrs
