#include "recommender/model/intent_clusters.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <omp.h>

#include <catch2/catch.hpp>
#include <limits>

#include "base/util/error.h"
#include "base/util/random.h"
#include "numerics/tensor/tensor_file.h"
#include "support/temp_dir.h"
#include "support/tensors.h"

using namespace latentcrs;
using Catch::Contains;

namespace {

/// 60 points close to (10, 0), (0, 10) and (-10, -10), in turn, at distances below 1.
at::Tensor three_groups() {
  std::vector<float> points;
  const float group[3][2] = {{10, 0}, {0, 10}, {-10, -10}};
  for (int i = 0; i < 60; ++i)
    for (int j = 0; j < 2; ++j) points.push_back(group[i % 3][j] + 0.01f * static_cast<float>((i * 7 + j * 13) % 50));
  return at::tensor(points).view({60, 2});
}

}  // namespace

TEST_CASE("k-means finds Faiss' published centroids", "[intent_clusters][parity][device]") {
  const StateDict fixture = test::fixture("kmeans");
  const auto number = [&](const char* name) { return find(fixture, name)->item<int>(); };
  const at::Tensor points = *find(fixture, "x");
  KMeansOptions options{.k = number("k"), .niter = number("niter"), .nredo = number("nredo"), .seed = number("seed")};
  const at::Tensor objective = *find(fixture, "objective");
  for (const auto search : {KMeansOptions::Search::automatic, KMeansOptions::Search::libtorch}) {
    options.search = search;
    const IntentClusters clusters = cluster_intents(points, options);
    REQUIRE_FALSE(clusters.objective.empty());
    // The first centroids are the published ones, and so is the first objective. After that, one distance that is
    // rounded the other way may send a point to another centroid and move the centroids: the objective ends equally
    // low.
    CHECK(clusters.objective.front() == Approx(objective[0].item<float>()).epsilon(1e-5));
    CHECK(clusters.objective.back() == Approx(objective.min().item<float>()).epsilon(1e-3));
    CHECK(at::allclose(clusters.centers.norm(2, 1), at::ones({options.k}).to(points.device())));
  }
  IntentClusters published;
  published.raw_centroids = *find(fixture, "centroids_raw");
  const at::Tensor intents = published.assign(points), expected = *find(fixture, "assignments");
  const auto distances = [&](const at::Tensor& to) {
    return (points - published.raw_centroids.index_select(0, to)).to(at::kDouble).norm(2, 1);
  };
  CHECK(at::allclose(distances(intents), distances(expected), 1e-5, 0));  // a tie may be broken the other way
  CHECK(intents.eq(expected).to(at::kFloat).mean().item<double>() > 0.99);
}

TEST_CASE("the shared search gives the bits of Faiss' own", "[intent_clusters]") {
  // Centroids that are points of small integers have distances that float32 holds exactly, whatever order they are
  // added up in; many of them tie. After one step centroids are means, so there is one step.
  Rng rng(8);
  at::Tensor points = at::empty({3000, 48});
  for (int64_t i = 0; i < points.numel(); ++i) points.data_ptr<float>()[i] = static_cast<float>(rng.below(3)) - 1;
  points.slice(0, 1000, 1100) = points.slice(0, 0, 100).clone();
  const auto clusters = [&](KMeansOptions::Search search) {
    return cluster_intents(points, {.k = 141, .niter = 1, .nredo = 3, .seed = 3, .search = search});
  };
  const IntentClusters shared = clusters(KMeansOptions::Search::automatic);
  const IntentClusters faiss = clusters(KMeansOptions::Search::faiss);
  CHECK(at::equal(shared.raw_centroids, faiss.raw_centroids));
  CHECK(shared.objective == faiss.objective);
}

TEST_CASE("k-means has the same bits for any number of threads", "[intent_clusters]") {
  at::Tensor points = at::sin(at::arange(3000 * 48).to(at::kFloat).mul_(0.37)).view({3000, 48}).clone();
  points.slice(0, 1000, 1100) = points.slice(0, 0, 100).clone();  // ties
  const int threads = at::get_num_threads();
  std::vector<at::Tensor> centroids;
  for (const int n : {1, 2, 5}) {
    at::set_num_threads(n);
    centroids.push_back(cluster_intents(points, {.k = 141, .niter = 6, .nredo = 2, .seed = 3}).raw_centroids);
  }
  at::set_num_threads(threads);
  CHECK(at::equal(centroids[0], centroids[1]));
  CHECK(at::equal(centroids[0], centroids[2]));
}

TEST_CASE("groups are recovered, centres have length 1, threads are given back", "[intent_clusters]") {
  const int threads = omp_get_max_threads();
  const IntentClusters clusters = cluster_intents(three_groups(), {.k = 3, .seed = 7});
  CHECK(omp_get_max_threads() == threads);
  const at::Tensor intent = clusters.assign(three_groups()).view({20, 3});
  CHECK(intent.eq(intent[0]).all().item<bool>());
  CHECK(std::get<0>(intent[0].sort()).equal(at::arange(3)));
  CHECK(at::allclose(clusters.centers.norm(2, 1), at::ones({3})));
  CHECK(at::allclose(clusters.centers * clusters.raw_centroids.norm(2, 1, true), clusters.raw_centroids));
}

TEST_CASE("points are assigned to the nearest raw centroid, not the nearest direction", "[intent_clusters]") {
  IntentClusters clusters;
  clusters.raw_centroids = at::tensor({1.0f, 0.0f, 5.0f, 5.0f}).view({2, 2});
  clusters.centers = clusters.raw_centroids / clusters.raw_centroids.norm(2, 1, true);
  CHECK(
      clusters.assign(at::tensor({1.0f, 1.0f, 9.0f, 0.0f}).view({2, 2})).equal(at::tensor(std::vector<int64_t>{0, 1})));
}

TEST_CASE("fewer distinct points than k give repeated centroids", "[intent_clusters]") {
  const at::Tensor points = at::eye(2).repeat({10, 1});
  const IntentClusters clusters = cluster_intents(points, {.k = 4, .seed = 1});
  CHECK(clusters.raw_centroids.isfinite().all().item<bool>());
  const at::Tensor found = clusters.raw_centroids.index_select(0, clusters.assign(points));
  CHECK(at::allclose(found, points, 0, 0.01));
}

TEST_CASE("points that cannot be clustered are refused", "[intent_clusters]") {
  CHECK_THROWS_WITH(cluster_intents(at::rand({8, 2}), {.k = 8}), Contains("num_intent_clusters=8"));
  at::Tensor points = at::rand({8, 2});
  points[3][1] = std::numeric_limits<float>::quiet_NaN();
  try {
    cluster_intents(points, {.k = 2});
    FAIL("NaN was clustered");
  } catch (const Error& e) {
    CHECK(e.kind() == ErrorKind::numeric);
  }
}

TEST_CASE("clusters are written for Faiss and NumPy", "[intent_clusters]") {
  const test::TempDir folder;
  const IntentClusters clusters = cluster_intents(three_groups(), {.k = 3, .seed = 7});
  write_clusters(clusters, folder / "c");
  CHECK(at::equal(read_npy(folder / "c" / "centers.npy"), clusters.centers));
  // A flat L2 index: "IxF2", a header, and the raw vectors at the end.
  const std::string bytes = test::read_text(folder / "c" / "intents.faissindex");
  CHECK(bytes.substr(0, 4) == "IxF2");
  REQUIRE(bytes.size() > 24);
  CHECK(bytes.substr(bytes.size() - 24) ==
        std::string(reinterpret_cast<const char*>(clusters.raw_centroids.data_ptr<float>()), 24));
}

TEST_CASE("clusters are read back as they were written", "[intent_clusters]") {
  const test::TempDir folder;
  const IntentClusters written = cluster_intents(three_groups(), {.k = 3, .seed = 7});
  write_clusters(written, folder.path());
  const IntentClusters found = read_clusters(folder.path());
  CHECK(at::equal(found.centers, written.centers));
  CHECK(at::equal(found.raw_centroids, written.raw_centroids));

  std::filesystem::remove(folder / "intents.faissindex");
  CHECK_FALSE(read_clusters(folder.path()).raw_centroids.defined());
  test::write_text(folder / "intents.faissindex", "no index");
  CHECK_THROWS_WITH(read_clusters(folder.path()), Contains("intents.faissindex"));
  write_clusters(written, folder.path());
  write_npy(at::ones({2, 2}), folder / "centers.npy");
  CHECK_THROWS_WITH(read_clusters(folder.path()), Contains("different numbers of centres"));
}
