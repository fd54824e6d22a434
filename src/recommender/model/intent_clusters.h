// The latent intents: k-means over the mean states of users' sequences (docs/method.md, section 4.4).
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <vector>

namespace latentcrs {

struct KMeansOptions {
  int k = 0;
  int niter = 20;
  int nredo = 5;  ///< starts; the one with the smallest objective wins
  int seed = 0;
  int max_points_per_centroid = 4096;  ///< of more points than k times this a random subset is clustered
  /// The search for the nearest centroids. automatic: on the CPU Faiss' index, whose search the threads share with the
  /// same bits; on a GPU Faiss' own index where Faiss was built with one, else LibTorch. The others are for comparison.
  enum class Search { automatic, faiss, libtorch } search = Search::automatic;
};

struct IntentClusters {
  at::Tensor raw_centroids;      ///< [K, d], on the device of the points
  at::Tensor centers;            ///< [K, d], each of length 1
  std::vector<float> objective;  ///< sum of squared distances after each iteration of each start up to the best one

  /// Nearest raw centroid of each point [N, d]: int64 [N].
  at::Tensor assign(const at::Tensor& points) const;
};

/// Faiss k-means of points [N, d]; the same bits on every run. With fewer distinct points than k, surplus centroids are
/// slightly shifted copies of others. Throws Error(config) if k >= N, Error(numeric) if a point is not finite.
IntentClusters cluster_intents(const at::Tensor& points, const KMeansOptions& options);

/// centers.npy (normalised) and intents.faissindex (a Faiss IndexFlatL2 of the raw centroids) in `folder`.
void write_clusters(const IntentClusters& clusters, const std::filesystem::path& folder);

/// Reads them back, without objective. raw_centroids is undefined where `folder` has no intents.faissindex (centres
/// that were given come without). Throws Error(data) for a file of another kind or one that does not fit the other.
IntentClusters read_clusters(const std::filesystem::path& folder);

}  // namespace latentcrs
