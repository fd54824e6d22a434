// Ranks among a few drawn items.
#include "recommender/eval/sampled_ranks.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <limits>

#include "base/util/error.h"
#include "recommender/eval/ranker.h"

using namespace latentcrs;

TEST_CASE("a target is ranked among its own negatives, ties above it", "[sampled_ranks]") {
  // Scores are the numbers of the items themselves.
  const at::Tensor items = at::tensor({0.F, 5.F, 3.F, 3.F, 1.F, 9.F}).unsqueeze(1);
  const at::Tensor users = at::ones({3, 1});
  const std::vector<int32_t> targets = {2, 4, 5};
  const at::Tensor negatives = at::tensor({1, 3, 5, 2, 3, 1, 1, 2, 3}, at::kLong).view({3, 3});
  // 3 against 5, 3 and 9; 1 against 3, 3 and 5; 9 against smaller ones.
  const std::vector<Rank> expected = {4, 4, 1};
  CHECK(rank_among(users, items, targets, negatives) == expected);
  const std::vector<double> scores = {0, 5, 3, 3, 1, 9};
  CHECK(rank_among_by_score(scores, targets, negatives) == expected);
}

TEST_CASE("among all other items, sampled ranks are those of the whole catalogue", "[sampled_ranks]") {
  at::manual_seed(3);
  const at::Tensor items = at::randn({30, 8}), users = at::randn({12, 8});
  std::vector<int32_t> targets;
  std::vector<at::Tensor> rows;
  for (int32_t user = 0; user < 12; ++user) {
    targets.push_back(1 + user * 2);
    std::vector<int64_t> others;
    for (int64_t item = 1; item < 30; ++item)
      if (item != targets.back()) others.push_back(item);
    rows.push_back(at::tensor(others, at::kLong));
  }
  CHECK(rank_among(users, items, targets, at::stack(rows)) == rank_targets(users, items, targets, {.non_items = {0}}));
}

TEST_CASE("sampled ranks name a user whose scores are not finite", "[sampled_ranks]") {
  const at::Tensor items = at::ones({4, 1});
  const at::Tensor users = at::tensor({1.F, std::numeric_limits<float>::quiet_NaN()}).unsqueeze(1);
  const std::vector<int32_t> targets = {1, 2};
  CHECK_THROWS_WITH(rank_among(users, items, targets, at::full({2, 1}, 3, at::kLong)), Catch::Contains("user 1"));
}
