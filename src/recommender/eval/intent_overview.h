// Views of a clustering of users: the spread of the users over the intents, the items that stand for each intent, and
// the plane in which both are drawn. N users, K intents, D hidden width, V rows of the item table.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <vector>

#include "datasets/data/interactions.h"

namespace latentcrs {

struct IntentSizes {
  std::vector<int64_t> users;  ///< [K], the number of users of each intent

  /// `labels` [N] int64 in [0, k).
  IntentSizes(const at::Tensor& labels, int64_t k);

  int64_t total() const;  ///< N
  int64_t empty() const;  ///< intents without a user
  double largest_share() const;
  /// The effective number of intents: K if all have equally many users, 1 if one has them all.
  double effective() const;
  /// Intents, the largest first, ties by number.
  std::vector<int64_t> by_size() const;
};

struct ClusterFit {
  double objective = 0;  ///< sum of squared distances of points to their centroids, which k-means minimises
  double explained = 0;  ///< 1 - objective / sum of squared distances to the mean point; 0 if all points are equal
};
/// points [N, D], centroids [K, D], labels [N] int64.
ClusterFit cluster_fit(const at::Tensor& points, const at::Tensor& centroids, const at::Tensor& labels);

/// Share of all interactions: items beyond those that make it up are too rare to speak for an intent.
inline constexpr double kFrequentShare = 0.9;

/// The most frequent items of the train inputs that make up `share` of all their interactions, in (0, 1]; ascending.
std::vector<int64_t> frequent_items(const Interactions& interactions, double share);

struct NearItem {
  int64_t item = 0;  ///< row of the item table
  double score = 0;
};
/// The `count` items (or all, if there are fewer) with the largest dot products with each direction, best first, ties
/// by row. table [V, D]; `items`, rows of it, are the candidates; directions [K, D]. Result [K][count].
std::vector<std::vector<NearItem>> nearest_items(const at::Tensor& table, const std::vector<int64_t>& items,
                                                 const at::Tensor& directions, int64_t count);

/// The plane of largest variance (PCA).
struct PrincipalPlane {
  at::Tensor mean;                    ///< [D] float64
  at::Tensor axes;                    ///< [D, 2] float64, orthonormal; the largest component of each is positive
  std::array<double, 2> explained{};  ///< share of the total variance along each axis
  at::Tensor project(const at::Tensor& points) const;  ///< [N, D] -> float64 [N, 2]; the mean comes to (0, 0)
};
/// points [N, D], D >= 2. The same bits on every run.
PrincipalPlane principal_plane(const at::Tensor& points);

}  // namespace latentcrs
