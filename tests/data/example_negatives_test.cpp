#include "datasets/data/example_negatives.h"

#include <array>
#include <catch2/catch.hpp>
#include <set>

using namespace latentcrs;
using Catch::Contains;

namespace {

/// The negatives [n, N] of all examples.
std::vector<int64_t> draw_all_examples(const ExampleNegatives& negatives, uint64_t seed, uint64_t epoch) {
  std::vector<int64_t> rows(static_cast<size_t>(negatives.size() * negatives.count()));
  negatives.draw(seed, epoch, 0, rows);
  return rows;
}

}  // namespace

TEST_CASE("negatives are distinct, unseen, never the target, and uniform", "[example_negatives]") {
  Interactions interactions;
  interactions.add_user(1, std::vector<int32_t>{1, 2, 3, 9, 10});
  interactions.add_user(2, std::vector<int32_t>{4, 5, 6, 7, 8});
  const DenseItems items = make_dense_items(interactions);  // raw 1, 2, 3, 9, 10, 4, …, 8 -> dense 1..10
  const std::vector<int64_t> users(2000, 0);
  std::vector<int32_t> targets;
  for (int i = 0; i < 2000; ++i) targets.push_back(i % 2 == 0 ? 2 : 7);  // an item that the user has seen, or has not
  const ExampleNegatives negatives(users, targets, interactions, items, 3);
  const std::vector<int64_t> drawn = draw_all_examples(negatives, 1, 0);
  REQUIRE(drawn.size() == 2000 * 3);
  std::array<int, 11> count{};
  for (size_t i = 0; i < 2000; ++i) {
    std::set<int64_t> row;
    for (size_t j = 0; j < 3; ++j) {
      const int64_t item = drawn[3 * i + j];
      row.insert(item);
      if (i % 2 == 0) ++count[static_cast<size_t>(item)];
      CHECK(item >= 6);
      CHECK(item <= 10);
      CHECK(item != targets[i]);
    }
    CHECK(row.size() == 3);
  }
  // 1000 draws of 3 of 5 items: each 600 times, standard deviation 15.5.
  for (size_t item = 6; item <= 10; ++item) CHECK(std::abs(count[item] - 600) < 62);
}

TEST_CASE("negatives are a function of seed, epoch and example", "[example_negatives]") {
  Interactions interactions;
  interactions.add_user(1, std::vector<int32_t>{1, 2, 3});
  interactions.add_user(2, std::vector<int32_t>{4, 5, 6, 7, 8});
  const DenseItems items = make_dense_items(interactions);
  const ExampleNegatives negatives(std::vector<int64_t>(100, 0), std::vector<int32_t>(100, 1), interactions, items, 2);
  const std::vector<int64_t> drawn = draw_all_examples(negatives, 1, 0);
  CHECK(drawn == draw_all_examples(negatives, 1, 0));
  CHECK(drawn != draw_all_examples(negatives, 1, 1));
  CHECK(drawn != draw_all_examples(negatives, 2, 0));
  std::vector<int64_t> part(2 * 10);
  negatives.draw(1, 0, 60, part);
  CHECK(part == std::vector<int64_t>(drawn.begin() + 120, drawn.begin() + 140));
}

TEST_CASE("too few items for the negatives is an error that names the user", "[example_negatives]") {
  Interactions interactions;
  interactions.add_user(10, std::vector<int32_t>{5, 7, 9});
  interactions.add_user(20, std::vector<int32_t>{7, 3, 8, 3});
  const DenseItems items = make_dense_items(interactions);
  const std::vector<int64_t> users = {1};
  CHECK_NOTHROW(ExampleNegatives(users, {4}, interactions, items, 2));  // dense 1 and 3
  CHECK_THROWS_WITH(ExampleNegatives(users, {4}, interactions, items, 3), Contains("user 20 leaves 2 of 5"));
}
