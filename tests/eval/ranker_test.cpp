#include "recommender/eval/ranker.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "base/util/error.h"
#include "base/util/random.h"
#include "numerics/linalg/products.h"
#include "recommender/eval/device_ranks.h"
#include "support/device.h"

using namespace latentcrs;
using Catch::Matchers::Contains;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Small integers: every score is exact in float32, and ties are frequent.
at::Tensor integers(int64_t rows, int64_t columns, Rng& rng) {
  at::Tensor tensor = at::empty({rows, columns}, at::kFloat);
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    tensor.data_ptr<float>()[i] = static_cast<float>(rng.below(7)) - 3.0f;
  }
  return tensor;
}

struct World {
  at::Tensor users, items;
  std::vector<int32_t> targets;
  std::vector<std::vector<int32_t>> histories;  ///< with repetitions, some with the target
  Candidates candidates;
};

World random_world(int64_t n_users, int64_t n_items, uint64_t seed) {
  Rng rng(seed);
  World world{integers(n_users, 5, rng), integers(n_items, 5, rng), {}, {}, {}};
  for (int64_t user = 0; user < n_users; ++user) {
    world.targets.push_back(static_cast<int32_t>(rng.below(static_cast<uint64_t>(n_items))));
    std::vector<int32_t> history;
    for (uint64_t i = rng.below(12); i > 0; --i) {
      history.push_back(static_cast<int32_t>(rng.below(static_cast<uint64_t>(n_items))));
    }
    if (rng.below(4) == 0) history.push_back(world.targets.back());
    world.histories.push_back(std::move(history));
  }
  return world;
}

bool contains(const auto& values, int64_t value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

/// The definition, one item at a time. `score(user, item)`.
Rank naive_rank(int64_t user, int64_t n_items, int32_t target, const Candidates& candidates, const auto& score) {
  Rank rank = 1;
  for (int32_t item = 0; item < n_items; ++item) {
    bool excluded = candidates.excluded && contains(candidates.excluded(user), item);
    if (item == target || (!candidates.excluded_score_zero && (excluded || contains(candidates.non_items, item))))
      continue;
    rank += (excluded ? 0.0 : score(user, item)) >= score(user, target);
  }
  return rank;
}

std::vector<Rank> naive_ranks(const World& world, const auto& score) {
  std::vector<Rank> ranks;
  for (size_t user = 0; user < world.targets.size(); ++user) {
    ranks.push_back(
        naive_rank(static_cast<int64_t>(user), world.items.size(0), world.targets[user], world.candidates, score));
  }
  return ranks;
}

void set_candidates(World& world, int variant) {
  if (variant >= 1) world.candidates.non_items = {0, world.items.size(0) - 1};
  if (variant >= 2) {
    world.candidates.excluded = [&world](int64_t user) {
      return std::span<const int32_t>(world.histories[static_cast<size_t>(user)]);
    };
  }
  world.candidates.excluded_score_zero = variant == 3;
}

}  // namespace

// User (1, 0) scores the items 5, 4, 4, 1; (0, 1) scores them 0, 2, 0, 3.
TEST_CASE("ranks of hand-worked scores", "[ranker]") {
  at::Tensor users = at::tensor({1.0, 0.0, 0.0, 1.0}, at::kDouble).reshape({2, 2});
  at::Tensor items = at::tensor({5.0f, 0.0f, 4.0f, 2.0f, 4.0f, 0.0f, 1.0f, 3.0f}).reshape({4, 2});
  auto ranks = [&](std::vector<int32_t> targets, const Candidates& candidates) {
    return rank_targets(users, items, targets, candidates);
  };
  CHECK(ranks({0, 3}, {}) == std::vector<Rank>{1, 1});
  CHECK(ranks({1, 0}, {}) == std::vector<Rank>{3, 4});                  // ties count as above
  CHECK(ranks({1, 0}, {.non_items = {0}}) == std::vector<Rank>{2, 4});  // a target is always ranked
  const std::vector<int32_t> history = {0, 1, 1};
  const Candidates seen{.excluded = [&](int64_t) { return std::span<const int32_t>(history); }};
  CHECK(ranks({2, 2}, seen) == std::vector<Rank>{1, 2});
  const Candidates zero{.non_items = {0}, .excluded = seen.excluded, .excluded_score_zero = true};
  CHECK(ranks({3, 3}, zero) == std::vector<Rank>{2, 1});
  CHECK(top_k(users, items, 3, {}) == std::vector<std::vector<int32_t>>{{0, 1, 2}, {3, 1, 0}});
  CHECK(top_k(users, items, 9, seen) == std::vector<std::vector<int32_t>>{{2, 3}, {3, 2}});
  CHECK(rank_targets(users.slice(0, 0, 0), items, {}, {}).empty());
}

TEST_CASE("ranks are those of the definition", "[ranker][device]") {
  const int variant = GENERATE(0, 1, 2, 3);
  const int64_t n_items = GENERATE(2, 37, 5000);
  CAPTURE(variant, n_items);
  World world = random_world(n_items == 5000 ? 450 : 130, n_items, 11);
  set_candidates(world, variant);
  const at::Tensor scores = world.users.matmul(world.items.t());
  auto score = [s = scores.accessor<float, 2>()](int64_t user, int64_t item) {
    return static_cast<double>(s[user][item]);
  };
  const std::vector<Rank> expected = naive_ranks(world, score);
  const at::Device device = test::test_device();
  CHECK(rank_targets(world.users.to(device), world.items.to(device), world.targets, world.candidates) == expected);

  std::vector<Rank> on_device(expected.size());
  device_ranks(scores.clone().to(device), 0, world.targets, world.candidates, on_device);
  CHECK(on_device == expected);
}

TEST_CASE("ranks with and without the excluded items come from one pass", "[ranker][device]") {
  const int64_t n_items = GENERATE(37, 5000);
  World world = random_world(300, n_items, 12);
  for (const int variant : {1, 2}) {
    set_candidates(world, variant);
    const at::Device device = test::test_device();
    const at::Tensor users = world.users.to(device), items = world.items.to(device);
    const BothRanks both = rank_targets_both_ways(users, items, world.targets, world.candidates);
    CHECK(both.left_out == rank_targets(users, items, world.targets, world.candidates));
    CHECK(both.kept == rank_targets(users, items, world.targets, {.non_items = world.candidates.non_items}));
  }
}

TEST_CASE("ranks do not depend on the number of threads", "[ranker]") {
  World world = random_world(700, 2000, 13);
  set_candidates(world, 2);
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const std::vector<Rank> one = rank_targets(world.users, world.items, world.targets, world.candidates);
  at::set_num_threads(3);
  CHECK(rank_targets(world.users, world.items, world.targets, world.candidates) == one);
  at::set_num_threads(before);
}

TEST_CASE("rows that lie beside the rows that are no items are ranked", "[ranker]") {
  World world = random_world(60, 400, 14);
  world.candidates.non_items = {399, 0, 1, 125, 126, 127, 200, 200};  // unsorted, repeated, around a tile's end
  const at::Tensor scores = world.users.matmul(world.items.t());
  const auto score = [s = scores.accessor<float, 2>()](int64_t user, int64_t item) {
    return static_cast<double>(s[user][item]);
  };
  CHECK(rank_targets(world.users, world.items, world.targets, world.candidates) == naive_ranks(world, score));
}

TEST_CASE("scores near to the target's are compared in float32", "[ranker][kernels]") {
  // Numbers that no short type holds, a width that kernels fill up, and items whose scores differ by a last bit or not.
  constexpr int64_t kUsers = 300, kItems = 1500;
  const int64_t width = GENERATE(40, 512, 520);  // AMX takes vectors of at most 512 numbers
  CAPTURE(width);
  at::manual_seed(3);
  World world = random_world(kUsers, kItems, 15);
  world.users = at::randn({kUsers, width}, at::kFloat);
  world.items = at::randn({kItems, width}, at::kFloat);
  world.items.slice(0, 600, 700).copy_(world.items.slice(0, 500, 600));
  world.items.slice(0, 700, 800).copy_(world.items.slice(0, 500, 600) * (1 + 0x1p-23));
  for (size_t user = 0; user < world.targets.size(); ++user) world.targets[user] = static_cast<int32_t>(500 + user);
  for (const int variant : {1, 2, 3}) {
    set_candidates(world, variant);
    const at::Tensor scores = packed_product(world.users, world.items.t());
    const auto score = [s = scores.accessor<float, 2>()](int64_t user, int64_t item) {
      return static_cast<double>(s[user][item]);
    };
    CHECK(rank_targets(world.users, world.items, world.targets, world.candidates) == naive_ranks(world, score));
  }
}

TEST_CASE("scores that overflow in another order of their sums are compared in the order of the vectors",
          "[ranker][kernels]") {
  // With a large user the sum of an item's 32 numbers, in their order, stays between -15 * 2^124 and 6 * 2^124, or the
  // other way round. AMX adds up the second half apart, to more than 2^128.
  constexpr int64_t kUsers = 300, kItems = 600, kWidth = 32;
  const int64_t large_users = GENERATE(1, 300);
  const int variant = GENERATE(1, 2, 3);
  CAPTURE(large_users, variant);
  World world = random_world(kUsers, kItems, 16);
  Rng rng(17);
  world.users = integers(kUsers, kWidth, rng);
  world.users.slice(0, kUsers - large_users).fill_(0x1p124f);
  world.items = at::full({kItems, kWidth}, 1.25f);
  world.items.slice(1, 0, 12).neg_();
  world.items.slice(1, 12, 16).zero_();
  world.items.slice(0, 0, kItems, 2).neg_();
  world.items.slice(1, kWidth - 1) += integers(kItems, 1, rng) / 4;
  set_candidates(world, variant);
  const at::Tensor scores = world.users.to(at::kDouble).matmul(world.items.to(at::kDouble).t());
  const auto score = [s = scores.accessor<double, 2>()](int64_t user, int64_t item) { return s[user][item]; };
  CHECK(rank_targets(world.users, world.items, world.targets, world.candidates) == naive_ranks(world, score));
}

TEST_CASE("an item that is no candidate may have a score that is not a number", "[ranker]") {
  const at::Tensor users = at::ones({1, 2}),
                   items = at::tensor({1.0f, 0.0f, NAN, 0.0f, 3.0f, 0.0f, NAN, 0.0f}).view({4, 2});
  const std::vector<int32_t> target = {0}, seen = {1, 1};
  const auto excluded = [&](int64_t) { return std::span<const int32_t>(seen); };
  CHECK(rank_targets(users, items, target, {.non_items = {3}, .excluded = excluded}) == std::vector<Rank>{2});
  CHECK_THROWS_WITH(rank_targets(users, items, target, {.non_items = {3}}), Contains("not finite"));
  CHECK_THROWS_WITH(rank_targets(users, items, target, {.excluded = excluded}), Contains("not finite"));
}

TEST_CASE("ranks by one score for all users are those of the definition", "[ranker]") {
  const int variant = GENERATE(0, 1, 2, 3);
  CAPTURE(variant);
  World world = random_world(200, 50, 5);
  set_candidates(world, variant);
  std::vector<double> scores(50);
  for (size_t i = 0; i < scores.size(); ++i)
    scores[i] = static_cast<double>(i * 7 % 13) - 4 + 1e-12 * static_cast<double>(i % 2);
  auto score = [&](int64_t, int64_t item) { return scores[static_cast<size_t>(item)]; };
  CHECK(rank_targets_by_score(scores, world.targets, world.candidates) == naive_ranks(world, score));
}

TEST_CASE("the best rows come first, lower rows before equal ones", "[ranker][device]") {
  const int variant = GENERATE(0, 1, 2, 3);
  CAPTURE(variant);
  World world = random_world(100, 60, 3);
  set_candidates(world, variant);
  const at::Tensor scores = world.users.matmul(world.items.t());
  const at::Device device = test::test_device();
  const auto lists = top_k(world.users.to(device), world.items.to(device), 20, world.candidates);
  const bool zero = world.candidates.excluded_score_zero;
  for (int64_t user = 0; user < 100; ++user) {
    std::vector<std::pair<float, int32_t>> order;  // (-score, row)
    for (int32_t item = 0; item < 60; ++item) {
      const bool excluded = world.candidates.excluded && contains(world.candidates.excluded(user), item);
      if (!zero && (excluded || contains(world.candidates.non_items, item))) continue;
      order.emplace_back(excluded ? 0.0f : -scores[user][item].item<float>(), item);
    }
    std::sort(order.begin(), order.end());
    std::vector<int32_t> expected;
    for (size_t i = 0; i < 20; ++i) expected.push_back(order[i].second);
    REQUIRE(lists[static_cast<size_t>(user)] == expected);
  }
}

TEST_CASE("scores that are not numbers stop the ranking", "[ranker]") {
  World world = random_world(300, 5000, 2);
  world.users[257][1] = kNan;
  world.users[299][1] = kNan;
  CHECK_THROWS_WITH(rank_targets(world.users, world.items, world.targets, {}),
                    Contains("scores of user 257 are not finite"));
  CHECK_THROWS_WITH(top_k(world.users, world.items, 3, {}), Contains("scores of user 257 are not finite"));
  std::vector<Rank> ranks(300);
  device_ranks(world.users.matmul(world.items.t()), 0, world.targets, {}, ranks);
  CHECK(std::count(ranks.begin(), ranks.end(), kUnsound) == 2);
  CHECK(ranks[257] == kUnsound);
  const std::vector<double> scores = {1, kNan};
  const std::vector<int32_t> targets = {0};
  CHECK_THROWS_WITH(rank_targets_by_score(scores, targets, {}), Contains("score of item 1 is not a number"));
}

TEST_CASE("items without a row are refused", "[ranker]") {
  const at::Tensor users = at::ones({1, 2}), items = at::ones({4, 2});
  const std::vector<int32_t> inside = {3}, outside = {4};
  const Candidates seen{.excluded = [&](int64_t) { return std::span<const int32_t>(outside); }};
  const std::string message = "item 4 has no row in the item table of 4 rows";
  CHECK_THROWS_WITH(rank_targets(users, items, outside, {}), Contains(message));
  CHECK_THROWS_WITH(rank_targets(users, items, inside, seen), Contains(message));
  CHECK_THROWS_WITH(rank_targets(users, items, inside, {.non_items = {4}}), Contains(message));
  CHECK_THROWS_WITH(top_k(users, items, 1, seen), Contains(message));
}
