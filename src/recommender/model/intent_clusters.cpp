#include "recommender/model/intent_clusters.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>
#include <faiss/impl/FaissException.h>
#include <faiss/impl/io.h>
#include <faiss/index_io.h>
#include <faiss/utils/distances.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#if LATENTCRS_FAISS_GPU
#include <faiss/gpu/GpuIndexFlat.h>
#include <faiss/gpu/StandardGpuResources.h>
#endif

#include "base/util/error.h"
#include "base/util/files.h"
#include "numerics/linalg/kernels/nearest.h"
#include "numerics/linalg/products.h"
#include "numerics/tensor/tensor_file.h"
#include "recommender/model/centers_file.h"

namespace latentcrs {

namespace {

constexpr int64_t kBlock = 4096;  // points compared with all centroids at once

struct Nearest {
  at::Tensor distance;  ///< squared, less the point's own squared length
  at::Tensor index;
};

Nearest nearest(const at::Tensor& points, const at::Tensor& centroids) {
  const at::Tensor lengths = centroids.pow(2).sum(1);
  const at::Tensor distances = at::addmm(lengths, points, centroids.t(), 1, -2);
  auto [distance, index] = distances.min(1);
  return {distance, index};
}

/// An exact index on LibTorch with the part of Faiss' interface that faiss::Clustering needs: it finds one nearest
/// neighbour, of the same points each time, which it keeps on its device.
class TorchIndex : public faiss::Index {
 public:
  TorchIndex(int64_t width, at::Device device) : faiss::Index(width), device_(device) {}

  void add(int64_t n, const float* x) override {
    centroids_ = on_device(n, x).clone();
    ntotal = n;
  }
  void reset() override { ntotal = 0; }
  void search(int64_t n, const float* x, int64_t k, float* distances, int64_t* labels,
              const faiss::SearchParameters*) const override {
    if (k != 1) throw internal_error("TorchIndex finds one neighbour only");
    if (x != host_points_ || n != points_.size(0)) {
      host_points_ = x;
      points_ = on_device(n, x);
    }
    std::vector<at::Tensor> distance, index;
    for (const at::Tensor& points : points_.split(kBlock)) {
      const Nearest found = nearest(points, centroids_);
      distance.push_back(found.distance + points.pow(2).sum(1));
      index.push_back(found.index);
    }
    at::from_blob(distances, {n}, at::kFloat).copy_(at::cat(distance));
    at::from_blob(labels, {n}, at::kLong).copy_(at::cat(index));
  }

 private:
  at::Tensor on_device(int64_t n, const float* x) const {
    return at::from_blob(const_cast<float*>(x), {n, static_cast<int64_t>(d)}, at::kFloat).to(device_);
  }

  at::Device device_;
  at::Tensor centroids_;
  mutable const float* host_points_ = nullptr;
  mutable at::Tensor points_;  // those of host_points_
};

/// Faiss' exact index with a search for the one nearest neighbour that LibTorch's threads share, because BLAS is kept
/// to one thread. It has the same bits as Faiss' own.
class SharedIndex : public faiss::IndexFlatL2 {
 public:
  using faiss::IndexFlatL2::IndexFlatL2;

  void search(int64_t n, const float* x, int64_t k, float* distances, int64_t* labels,
              const faiss::SearchParameters* parameters) const override {
    if (k != 1) {
      faiss::IndexFlatL2::search(n, x, k, distances, labels, parameters);
      return;
    }
    const float* centroids = get_xb();
    std::vector<float> lengths(static_cast<size_t>(ntotal)), own(static_cast<size_t>(n));
    faiss::fvec_norms_L2sqr(lengths.data(), centroids, d, ntotal);
    faiss::fvec_norms_L2sqr(own.data(), x, d, n);
    at::parallel_for(0, (n + kSharedBlock - 1) / kSharedBlock, 1, [&](int64_t begin, int64_t end) {
      std::vector<float> products(static_cast<size_t>(kSharedBlock * ntotal));
      for (int64_t block = begin; block < end; ++block) {
        const int64_t first = block * kSharedBlock;
        const int rows = static_cast<int>(std::min(kSharedBlock, n - first)), columns = static_cast<int>(ntotal);
        serial_product({.data = x + first * d, .rows = rows, .columns = d},
                       {.data = centroids, .rows = columns, .columns = d, .transposed = true}, products.data());
        for (int64_t i = 0; i < rows; ++i) {
          const kernels::Nearest found =
              kernels::nearest(products.data() + i * ntotal, lengths.data(), own[first + i], ntotal);
          distances[first + i] = found.distance;
          labels[first + i] = found.index;
        }
      }
    });
  }

 private:
  static constexpr int64_t kSharedBlock = 512;  // points, for any number of threads
};

/// Since 1.14 Faiss ends a start when an iteration does not change the objective, and from 1.14.2 on by a threshold.
/// With a threshold below 0 each start has its niter iterations, as with the Faiss of the published code.
template <class Clustering>
void keep_all_iterations(Clustering& clustering) {
  if constexpr (requires { clustering.early_stop_threshold; }) clustering.early_stop_threshold = -1;
}

/// Runs the clustering with the index that suits the device.
void train(faiss::Clustering& clustering, const at::Tensor& host, at::Device device, KMeansOptions::Search search) {
  const float* x = host.data_ptr<float>();
  const int64_t width = host.size(1);
  if (search == KMeansOptions::Search::faiss || (search == KMeansOptions::Search::automatic && device.is_cpu())) {
    SharedIndex shared(width);
    faiss::IndexFlatL2 plain(width);
    clustering.train(host.size(0), x, search == KMeansOptions::Search::faiss ? plain : shared);
    return;
  }
#if LATENTCRS_FAISS_GPU
  if (search == KMeansOptions::Search::automatic) {
    faiss::gpu::StandardGpuResources resources;
    faiss::gpu::GpuIndexFlatConfig config;
    config.device = std::max<int>(device.index(), 0);
    faiss::gpu::GpuIndexFlatL2 index(&resources, static_cast<int>(width), config);
    clustering.train(host.size(0), x, index);
    return;
  }
#endif
  TorchIndex index(width, device);
  clustering.train(host.size(0), x, index);
}

/// The vectors of a flat Faiss index: [K, d].
at::Tensor read_flat_index(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  faiss::VectorIOReader reader;
  reader.data.assign(bytes.begin(), bytes.end());
  try {
    const std::unique_ptr<faiss::Index> index(faiss::read_index(&reader));
    const auto* flat = dynamic_cast<const faiss::IndexFlat*>(index.get());
    if (flat == nullptr) throw data_error(path.string() + ": is no flat Faiss index");
    const at::Tensor vectors = at::empty({flat->ntotal, flat->d});
    std::copy_n(flat->get_xb(), vectors.numel(), vectors.data_ptr<float>());
    return vectors;
  } catch (const faiss::FaissException& e) {
    throw data_error(fmt::format("{}: Faiss cannot read it: {}", path.string(), e.what()));
  }
}

}  // namespace

at::Tensor IntentClusters::assign(const at::Tensor& points) const {
  const at::Tensor centroids = raw_centroids.to(points.device());
  std::vector<at::Tensor> found;
  for (const at::Tensor& block : points.detach().split(kBlock)) found.push_back(nearest(block, centroids).index);
  return at::cat(found);
}

IntentClusters cluster_intents(const at::Tensor& points, const KMeansOptions& options) {
  if (options.k >= points.size(0))
    throw config_error(
        fmt::format("num_intent_clusters={} must be smaller than the number of users, {}", options.k, points.size(0)));
  const at::Tensor host = points.detach().to(at::kCPU, at::kFloat).contiguous();
  if (!at::isfinite(host).all().item<bool>())
    throw numeric_error("a user's state is NaN or infinite: no intents to find");

  faiss::Clustering clustering(static_cast<int>(host.size(1)), options.k);
  clustering.niter = options.niter;
  clustering.nredo = options.nredo;
  clustering.seed = options.seed;
  clustering.max_points_per_centroid = options.max_points_per_centroid;
  clustering.min_points_per_centroid = 0;
  keep_all_iterations(clustering);
  try {
    train(clustering, host, points.device(), options.search);
  } catch (const faiss::FaissException& e) {
    throw internal_error(fmt::format("Faiss k-means: {}", e.what()));
  }

  IntentClusters clusters;
  clusters.raw_centroids = at::empty({options.k, host.size(1)});
  std::copy(clustering.centroids.begin(), clustering.centroids.end(), clusters.raw_centroids.data_ptr<float>());
  clusters.raw_centroids = clusters.raw_centroids.to(points.device());
  clusters.centers = clusters.raw_centroids / clusters.raw_centroids.norm(2, 1, true).clamp_min(1e-12);
  for (const faiss::ClusteringIterationStats& iteration : clustering.iteration_stats)
    clusters.objective.push_back(iteration.obj);
  return clusters;
}

void write_clusters(const IntentClusters& clusters, const std::filesystem::path& folder) {
  const at::Tensor raw = clusters.raw_centroids.cpu().contiguous();
  faiss::IndexFlatL2 index(raw.size(1));
  index.add(raw.size(0), raw.data_ptr<float>());
  faiss::VectorIOWriter bytes;
  faiss::write_index(&index, &bytes);
  write_file_atomically(folder / "intents.faissindex",
                        {reinterpret_cast<const char*>(bytes.data.data()), bytes.data.size()});
  write_npy(clusters.centers.cpu(), folder / "centers.npy");
}

IntentClusters read_clusters(const std::filesystem::path& folder) {
  IntentClusters clusters;
  clusters.centers = read_centers(folder / "centers.npy");
  const std::filesystem::path index = folder / "intents.faissindex";
  if (!std::filesystem::exists(index)) return clusters;
  clusters.raw_centroids = read_flat_index(index);
  if (clusters.raw_centroids.sizes() != clusters.centers.sizes())
    throw data_error(fmt::format("{} and centers.npy beside it hold different numbers of centres", index.string()));
  return clusters;
}

}  // namespace latentcrs
