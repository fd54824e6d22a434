#include "recommender/eval/intent_overview.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

#include "base/metrics/metrics.h"
#include "datasets/data/sequence_batch.h"

namespace latentcrs {

namespace {

constexpr int64_t kBlock = 64;  // directions compared with all items at once

at::Tensor on_host(const at::Tensor& tensor) { return tensor.detach().to(at::kCPU, at::kFloat).contiguous(); }
at::Tensor in_double(const at::Tensor& tensor) { return tensor.detach().to(at::kCPU, at::kDouble); }

/// The items with the best of one direction's scores [items].
std::vector<NearItem> best_of(const float* scores, const std::vector<int64_t>& items, int64_t count) {
  std::vector<int64_t> order(items.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  const auto middle = order.begin() + std::min<int64_t>(count, static_cast<int64_t>(order.size()));
  std::partial_sort(order.begin(), middle, order.end(), [&](int64_t a, int64_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : items[a] < items[b];
  });
  std::vector<NearItem> best;
  for (auto i = order.begin(); i != middle; ++i) best.push_back({items[*i], scores[*i]});
  return best;
}

}  // namespace

IntentSizes::IntentSizes(const at::Tensor& labels, int64_t k) {
  const at::Tensor counts = at::bincount(labels.cpu(), {}, k);
  users.assign(counts.data_ptr<int64_t>(), counts.data_ptr<int64_t>() + k);
}

int64_t IntentSizes::total() const { return std::accumulate(users.begin(), users.end(), int64_t{0}); }
int64_t IntentSizes::empty() const { return std::count(users.begin(), users.end(), 0); }

double IntentSizes::largest_share() const {
  return static_cast<double>(*std::max_element(users.begin(), users.end())) / static_cast<double>(total());
}

double IntentSizes::effective() const {
  std::vector<double> shares;
  for (const int64_t count : users) shares.push_back(static_cast<double>(count) / static_cast<double>(total()));
  return effective_number(shares);
}

std::vector<int64_t> IntentSizes::by_size() const {
  std::vector<int64_t> order(users.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(), [this](int64_t a, int64_t b) { return users[a] > users[b]; });
  return order;
}

ClusterFit cluster_fit(const at::Tensor& points, const at::Tensor& centroids, const at::Tensor& labels) {
  const at::Tensor all = in_double(points);
  const at::Tensor own = in_double(centroids).index_select(0, labels.cpu());
  const double objective = (all - own).pow(2).sum().item<double>();
  const double total = (all - all.mean(0)).pow(2).sum().item<double>();
  return {.objective = objective, .explained = total > 0 ? 1.0 - objective / total : 0.0};
}

std::vector<int64_t> frequent_items(const Interactions& interactions, double share) {
  std::vector<int64_t> counts(static_cast<size_t>(interactions.max_item_id()) + 1), items;
  int64_t total = 0;
  for (int64_t user = 0; user < interactions.num_users(); ++user)
    for (const int32_t item : train_input(interactions, user)) {
      if (counts[static_cast<size_t>(item)]++ == 0) items.push_back(item);
      ++total;
    }
  std::sort(items.begin(), items.end(), [&counts](int64_t a, int64_t b) {
    const int64_t of_a = counts[static_cast<size_t>(a)], of_b = counts[static_cast<size_t>(b)];
    return of_a != of_b ? of_a > of_b : a < b;
  });
  const double wanted = share * static_cast<double>(total);
  size_t kept = 0;
  for (int64_t covered = 0; kept < items.size() && static_cast<double>(covered) < wanted; ++kept)
    covered += counts[static_cast<size_t>(items[kept])];
  items.resize(kept);
  std::sort(items.begin(), items.end());
  return items;
}

std::vector<std::vector<NearItem>> nearest_items(const at::Tensor& table, const std::vector<int64_t>& items,
                                                 const at::Tensor& directions, int64_t count) {
  const at::Tensor rows = on_host(table).index_select(0, at::tensor(items, at::kLong));
  std::vector<std::vector<NearItem>> nearest;
  for (const at::Tensor& block : on_host(directions).split(kBlock)) {
    const at::Tensor scores = at::mm(block, rows.t()).contiguous();
    for (int64_t i = 0; i < scores.size(0); ++i)
      nearest.push_back(best_of(scores.data_ptr<float>() + i * scores.size(1), items, count));
  }
  return nearest;
}

at::Tensor PrincipalPlane::project(const at::Tensor& points) const { return at::mm(in_double(points) - mean, axes); }

PrincipalPlane principal_plane(const at::Tensor& points) {
  const at::Tensor all = in_double(points);
  PrincipalPlane plane;
  plane.mean = all.mean(0);
  const at::Tensor centred = all - plane.mean;
  const auto [variances, vectors] = at::linalg_eigh(at::mm(centred.t(), centred), "L");  // ascending
  plane.axes = vectors.flip({1}).narrow(1, 0, 2).contiguous();
  const double total = variances.sum().item<double>();
  for (int64_t i = 0; i < 2; ++i) {
    const at::Tensor axis = plane.axes.select(1, i);
    if (axis[axis.abs().argmax()].item<double>() < 0) axis.neg_();  // an eigenvector's sign is arbitrary
    const double variance = std::max(0.0, variances[-1 - i].item<double>());
    plane.explained[static_cast<size_t>(i)] = total > 0 ? variance / total : 0.0;
  }
  return plane;
}

}  // namespace latentcrs
