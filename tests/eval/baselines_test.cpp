#include "recommender/eval/baselines.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "support/three_users.h"

using namespace latentcrs;
using latentcrs::test::three_users;

TEST_CASE("cosines of items are those counted by hand", "[baselines]") {
  const CoOccurrence pairs = three_users(4);
  CHECK(pairs.counts() == std::vector<double>{0, 3, 2, 1});
  std::vector<double> row(4);
  pairs.cosines_with(1, row);
  CHECK(row[1] == 0);  // not with itself
  CHECK(row[2] == Approx(2 / std::sqrt(6.0)));
  CHECK(row[3] == Approx(1 / std::sqrt(3.0)));
  const std::vector<double> scores = HistoryCosines(pairs).scores(std::vector<int32_t>{1, 2});
  CHECK(scores[3] == Approx(1 / std::sqrt(3.0) + 1 / std::sqrt(2.0)));
  CHECK(scores[2] == Approx(2 / std::sqrt(6.0)));
}

TEST_CASE("only the nearest neighbours of an item count where asked", "[baselines]") {
  const at::Tensor all = item_cosine_weights(three_users(4), 0), one = item_cosine_weights(three_users(4), 1);
  CHECK(all[3][1].item<float>() == Approx(1 / std::sqrt(3.0)));
  CHECK(one[3][2].item<float>() == Approx(1 / std::sqrt(2.0)));  // the nearer of two
  CHECK(one[3][1].item<float>() == 0);
}

TEST_CASE("the weights of EASE solve its problem", "[baselines]") {
  // (XᵀX + λI) of items 1..3 with λ = 2 is [[5,2,1],[2,4,1],[1,1,3]]. Its inverse P, times the determinant 43:
  // P_11 = 11, P_12 = -5, P_13 = -2, P_22 = 14, P_23 = -3, P_33 = 16. W[y][h] = -P_hy / P_yy.
  const at::Tensor weights = ease_weights(three_users(4), 2);
  CHECK(weights[1][2].item<float>() == Approx(5.0 / 11));
  CHECK(weights[2][1].item<float>() == Approx(5.0 / 14));
  CHECK(weights[3][2].item<float>() == Approx(3.0 / 16));
  CHECK(weights[1][1].item<float>() == 0);
  CHECK(weights[0].abs().sum().item<float>() == 0);  // padding
  Histories histories;
  histories.add(std::vector<int32_t>{1, 2});
  const at::Tensor scores = at::mm(history_matrix(histories, 4), weights.t());
  CHECK(scores[0][3].item<float>() == Approx((2.0 + 3.0) / 16));
}

TEST_CASE("the last items of a user are left out, and items count once", "[baselines]") {
  Interactions interactions;
  interactions.add_user(1, std::vector<int32_t>{5, 6, 5, 7, 8});
  const DenseItems items = make_dense_items(interactions);
  const Histories all = user_items(interactions, items, ItemsOfUsers::all),
                  training = user_items(interactions, items, ItemsOfUsers::training);
  CHECK(all.of(0).size() == 4);
  CHECK(training.of(0).size() == 2);
}

TEST_CASE("tables that would not fit into memory are refused", "[baselines]") {
  CHECK_NOTHROW(check_baseline_size(6040, 3534));
  CHECK_THROWS_WITH(check_baseline_size(100000, 100000), Catch::Contains("evaluate.baselines"));
}
