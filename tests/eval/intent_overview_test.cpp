#include "recommender/eval/intent_overview.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "base/metrics/metrics.h"
#include "support/tensors.h"

using namespace latentcrs;
using test::difference;

namespace {

at::Tensor matrix(int64_t width, std::vector<float> values) { return at::tensor(values).view({-1, width}); }
at::Tensor labels_of(std::vector<int64_t> values) { return at::tensor(values); }

std::vector<int64_t> items_of(const std::vector<NearItem>& near) {
  std::vector<int64_t> items;
  for (const NearItem& item : near) items.push_back(item.item);
  return items;
}

using Items = std::vector<int64_t>;

}  // namespace

TEST_CASE("sizes of intents: empty ones, the largest, the effective number", "[intent_overview]") {
  const IntentSizes sizes(labels_of({1, 3, 3, 4}), 6);
  CHECK(sizes.users == Items{0, 1, 0, 2, 1, 0});
  CHECK(sizes.total() == 4);
  CHECK(sizes.empty() == 3);
  CHECK(sizes.largest_share() == 0.5);
  // Shares 1/2, 1/4, 1/4: entropy 1.5 ln 2, so 2^1.5.
  CHECK(sizes.effective() == Approx(std::pow(2.0, 1.5)));
  CHECK(effective_number(std::vector{0.5, 0.0, 0.25, 0.25}) == Approx(std::pow(2.0, 1.5)));
  CHECK(sizes.by_size() == Items{3, 1, 4, 0, 2, 5});

  CHECK(IntentSizes(labels_of({0, 1, 2, 3}), 4).effective() == Approx(4));
  CHECK(IntentSizes(labels_of({2, 2, 2}), 4).effective() == Approx(1));
}

TEST_CASE("the fit of a clustering", "[intent_overview]") {
  // Around the mean (4, 0) the squares are 25 + 9 + 9 + 25 = 68; around the two centroids 4 * 1.
  const at::Tensor points = matrix(2, {-1, 0, 1, 0, 7, 0, 9, 0});
  const ClusterFit fit = cluster_fit(points, matrix(2, {8, 0, 0, 0}), labels_of({1, 1, 0, 0}));
  CHECK(fit.objective == Approx(4));
  CHECK(fit.explained == Approx(1 - 4.0 / 68));
  CHECK(cluster_fit(matrix(2, {3, 3, 3, 3}), matrix(2, {3, 3}), labels_of({0, 0})).explained == 0);
}

TEST_CASE("frequent items are counted in train inputs, ties by id", "[intent_overview]") {
  // Train inputs: 4 7 | 4 2 | 4 7 9, so 4 three times, 7 twice, 2 and 9 once: 7 interactions.
  Interactions interactions;
  interactions.add_user(1, std::vector<int32_t>{4, 7, 5, 5, 5});
  interactions.add_user(2, std::vector<int32_t>{4, 2, 5, 5, 5});
  interactions.add_user(3, std::vector<int32_t>{4, 7, 9, 5, 5, 5});
  CHECK(frequent_items(interactions, 0.4) == Items{4});
  CHECK(frequent_items(interactions, 0.7) == Items{4, 7});
  CHECK(frequent_items(interactions, 0.8) == Items{2, 4, 7});
  CHECK(frequent_items(interactions, 1.0) == Items{2, 4, 7, 9});
}

TEST_CASE("nearest items by dot product, ties by row, candidates only", "[intent_overview]") {
  // Rows 0 (padding) and 5 are not items, though they would win everywhere.
  const at::Tensor table = matrix(2, {99, 99, 1, 0, 3, 0, 0, 2, 1, 0, 99, 99});
  const auto nearest = nearest_items(table, {1, 2, 3, 4}, matrix(2, {1, 0, 0, 1, -1, 1}), 3);
  REQUIRE(nearest.size() == 3);
  CHECK(items_of(nearest[0]) == Items{2, 1, 4});
  CHECK(nearest[0][0].score == 3);
  CHECK(items_of(nearest[1]) == Items{3, 1, 2});
  CHECK(items_of(nearest[2]) == Items{3, 1, 4});
  CHECK(items_of(nearest_items(table, {1, 3}, matrix(2, {1, 0}), 9)[0]) == Items{1, 3});
}

TEST_CASE("more directions than one block give one list each", "[intent_overview]") {
  const at::Tensor identity = at::eye(150);
  const auto nearest = nearest_items(identity, {3, 70, 149}, identity, 1);
  REQUIRE(nearest.size() == 150);
  for (const int64_t item : {3, 70, 149}) CHECK(items_of(nearest[static_cast<size_t>(item)]) == Items{item});
  CHECK(items_of(nearest[0]) == Items{3});
}

TEST_CASE("the principal plane of points with known axes", "[intent_overview]") {
  // Around (10, 20, 30): +-5 along (3, 0, 4) / 5, +-2 along (0, 1, 0), +-1 along (-4, 0, 3) / 5. Sums of squares 50,
  // 8, 2.
  const at::Tensor points =
      matrix(3, {13, 20, 34, 7, 20, 26, 10, 22, 30, 10, 18, 30, 9.2f, 20, 30.6f, 10.8f, 20, 29.4f});
  const PrincipalPlane plane = principal_plane(points);
  CHECK(difference(plane.mean, at::tensor({10.0, 20.0, 30.0})) == "");
  CHECK(difference(plane.axes, at::tensor({0.6, 0.0, 0.0, 1.0, 0.8, 0.0}).view({3, 2})) == "");
  CHECK(plane.explained[0] == Approx(50.0 / 60));
  CHECK(plane.explained[1] == Approx(8.0 / 60));
  CHECK(difference(plane.project(points),
                   at::tensor({5., 0., -5., 0., 0., 2., 0., -2., 0., 0., 0., 0.}).view({6, 2})) == "");
}

TEST_CASE("equal points have a plane too", "[intent_overview]") {
  const PrincipalPlane plane = principal_plane(at::ones({4, 3}));
  CHECK(plane.explained[0] == 0);
  CHECK(plane.project(at::ones({1, 3})).abs().max().item<double>() == 0);
}
