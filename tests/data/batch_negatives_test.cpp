#include "datasets/data/batch_negatives.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "base/util/error.h"

using namespace latentcrs;
using Catch::Contains;
using Items = std::vector<int32_t>;

namespace {

/// Items 1..9 and 20; the rows 10..19 of the item table are not items.
Interactions four_users() {
  Interactions interactions;
  interactions.add_user(1, Items{1, 2, 3, 4, 5, 6});
  interactions.add_user(2, Items{7, 8, 9, 1});
  interactions.add_user(3, Items{2, 4, 6});
  interactions.add_user(4, Items{20, 1, 2});
  return interactions;
}

const Items kItems = {1, 2, 3, 4, 5, 6, 7, 8, 9, 20};

BatchNegatives drawn_as(const Interactions& interactions, NegativeSource source, int count) {
  return {interactions, interactions.distinct_items(), {source, count, "pretrain.loss=mine"}, 1};
}

Items of_user(BatchNegatives& negatives, int64_t user, const Items& targets, int epoch) {
  Items drawn;
  negatives.append_of_user(user, targets, epoch, drawn);
  return drawn;
}

}  // namespace

TEST_CASE("a plan without negatives draws none", "[batch_negatives]") {
  const Interactions interactions = four_users();
  BatchNegatives none = drawn_as(interactions, NegativeSource::none, 0);
  CHECK(none.of_batch(1, 0).empty());
  CHECK(of_user(none, 0, {2, 3}, 1).empty());
  CHECK_FALSE((none.plan().per_batch() || none.plan().per_position()));
}

TEST_CASE("negatives of a batch are items, ascending, other ones in each step and epoch", "[batch_negatives]") {
  const Interactions interactions = four_users();
  BatchNegatives shared = drawn_as(interactions, NegativeSource::items, 50);
  const Items drawn = shared.of_batch(1, 0);
  CHECK(drawn.size() == 50);
  CHECK(std::is_sorted(drawn.begin(), drawn.end()));
  CHECK(std::set(drawn.begin(), drawn.end()) == std::set(kItems.begin(), kItems.end()));
  CHECK(drawn == shared.of_batch(1, 0));
  CHECK(drawn != shared.of_batch(1, 1));
  CHECK(drawn != shared.of_batch(2, 0));
  CHECK(of_user(shared, 0, {2, 3}, 1).empty());
}

TEST_CASE("negatives of a position are the other items", "[batch_negatives]") {
  const Interactions interactions = four_users();
  BatchNegatives own = drawn_as(interactions, NegativeSource::other_items, 50);
  const Items targets = {2, 3, 4}, drawn = of_user(own, 0, targets, 1);
  REQUIRE(drawn.size() == 3 * 50);
  for (size_t position = 0; position < 3; ++position) {
    const auto begin = drawn.begin() + static_cast<ptrdiff_t>(50 * position);
    const std::set<int32_t> distinct(begin, begin + 50);
    CHECK(distinct.size() == 9);  // all items but the target
    CHECK_FALSE(distinct.contains(targets[position]));
  }
  CHECK(drawn == of_user(own, 0, targets, 1));
  CHECK(drawn != of_user(own, 0, targets, 2));
  CHECK(own.of_batch(1, 0).empty());
}

TEST_CASE("the other items are equally likely", "[batch_negatives]") {
  const Interactions interactions = four_users();
  BatchNegatives own = drawn_as(interactions, NegativeSource::other_items, 18000);
  std::map<int32_t, int> drawn;
  for (const int32_t item : of_user(own, 1, {8}, 1)) ++drawn[item];
  CHECK(drawn.size() == 9);
  for (const auto& [item, count] : drawn) CHECK(count == Approx(2000).margin(211));  // 5 standard deviations
}

TEST_CASE("the rows that a user never had are equally likely", "[batch_negatives]") {
  Interactions interactions;
  interactions.add_user(1, Items{1, 2, 3, 4, 5, 6});
  interactions.add_user(2, Items{7, 8, 9, 1});
  BatchNegatives unseen = drawn_as(interactions, NegativeSource::unseen_rows, 1);
  std::map<int32_t, int> drawn;
  for (int epoch = 1; epoch <= 4000; ++epoch)
    for (const int32_t row : of_user(unseen, 0, {2, 3, 4}, epoch)) ++drawn[row];
  // User 0 had 1..6; 7, 8, 9 and, as published, the mask's row are left: 12000 draws, standard deviation 47.
  CHECK(drawn.size() == 4);
  for (const int32_t row : {7, 8, 9, 10}) CHECK(drawn[row] == Approx(3000).margin(240));
}

TEST_CASE("a single item leaves no other items", "[batch_negatives]") {
  Interactions one_item;
  one_item.add_user(1, Items{5, 5, 5, 5});
  CHECK_THROWS_WITH(drawn_as(one_item, NegativeSource::other_items, 1),
                    "pretrain.loss=mine needs other items than the next one, but the dataset has a single item");
  CHECK_NOTHROW(drawn_as(one_item, NegativeSource::unseen_rows, 1));
}
