#include "datasets/data/short_histories.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <set>

using namespace latentcrs;
using Items = std::vector<int32_t>;

namespace {

constexpr int kHistories = 4000;

Histories ten_items_each() {
  Histories all;
  for (int i = 0; i < kHistories; ++i) all.add(Items{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  return all;
}

Items items_of(const Histories& histories, int64_t i) { return {histories.of(i).begin(), histories.of(i).end()}; }

}  // namespace

TEST_CASE("short histories have the numbers of items that the settings say", "[short_histories]") {
  const ShortHistories drawn = draw_short_histories(ten_items_each(), {.most = 3, .empty = 0.4, .likeness = 0}, 7);
  REQUIRE(drawn.histories.size() == kHistories);
  std::map<size_t, int> of_length;
  int empty = 0;
  std::set<int32_t> seen;
  for (int64_t i = 0; i < kHistories; ++i) {
    const Items items = items_of(drawn.histories, i);
    CHECK(std::set<int32_t>(items.begin(), items.end()).size() == items.size());
    CHECK(std::all_of(items.begin(), items.end(), [](int32_t item) { return item >= 1 && item <= 10; }));
    seen.insert(items.begin(), items.end());
    if (drawn.empty[static_cast<size_t>(i)] != 0) {
      ++empty;
      CHECK(items.size() == 1);
    } else {
      ++of_length[items.size()];
    }
  }
  CHECK(seen.size() == 10);
  // 4,000 draws: expected 1,600 and 800 each; five standard deviations are 155 and 127.
  CHECK(empty == Approx(1600).margin(155));
  REQUIRE(of_length.size() == 3);
  for (const auto& [length, count] : of_length) CHECK(count == Approx(800).margin(127));
}

TEST_CASE("short histories depend on the seed and their place alone", "[short_histories]") {
  Histories few;
  few.add(Items{3, 1, 2});
  few.add(Items{5});
  const ShortHistoryOptions options{.most = 8, .empty = 0, .likeness = 0};
  const ShortHistories again = draw_short_histories(few, options, 1);
  few.add(Items{9, 8});
  const ShortHistories more = draw_short_histories(few, options, 1);
  for (int64_t i = 0; i < 2; ++i) CHECK(items_of(more.histories, i) == items_of(again.histories, i));
  CHECK(items_of(more.histories, 1) == Items{5});

  std::set<Items> orders;
  for (uint64_t seed = 0; seed < 200; ++seed)
    orders.insert(items_of(draw_short_histories(few, options, seed).histories, 0));
  CHECK(orders.size() == 3 + 6 + 6);  // 1, 2 and 3 of three items, in each order
}

TEST_CASE("all or none of the short histories may be empty", "[short_histories]") {
  const Histories all = ten_items_each();
  const auto empty = [&](double chance) {
    const ShortHistories drawn = draw_short_histories(all, {.most = 2, .empty = chance, .likeness = 0}, 3);
    return std::count(drawn.empty.begin(), drawn.empty.end(), 1);
  };
  CHECK(empty(0) == 0);
  CHECK(empty(1) == kHistories);
}

TEST_CASE("items that resemble the target are drawn more often", "[short_histories]") {
  Histories all;
  std::vector<float> cosines;
  for (int i = 0; i < kHistories; ++i) {
    all.add(Items{1, 2});
    cosines.insert(cosines.end(), {0.5f, 0.0f});
  }
  // exp(ln 3 · 2 · 0.5) = 3: item 1 comes first in three of four draws.
  const ShortHistoryOptions options{.most = 1, .empty = 0, .likeness = 2 * std::log(3.0)};
  const ShortHistories drawn = draw_short_histories(all, options, 5, cosines);
  const auto first =
      std::count_if(drawn.histories.items.begin(), drawn.histories.items.end(), [](int32_t item) { return item == 1; });
  CHECK(first == Approx(3000).margin(137));  // five standard deviations
}
