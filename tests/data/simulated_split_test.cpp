#include "datasets/data/simulated_split.h"

#include <catch2/catch.hpp>
#include <set>

using namespace latentcrs;

TEST_CASE("a part of the users is drawn, the same for every split", "[splits]") {
  Interactions interactions;
  for (int64_t user = 1; user <= 30; ++user) interactions.add_user(user, std::vector<int32_t>{1, 2, 3, 4, 5, 6});
  Config config;
  const auto users = [&](const std::string& key, int count) {
    config.simulate.users = count;
    std::set<int64_t> found;
    for (const SplitRecord& record : make_simulated_split(interactions, key, config)) found.insert(record.user);
    return found;
  };
  CHECK(users("raw", 0).size() == 30);
  CHECK(users("raw", 99).size() == 30);
  const auto ten = users("raw", 10);
  CHECK(ten.size() == 10);
  CHECK(users("test", 10) == ten);
  const auto more = users("valid", 20);
  CHECK(more.size() == 20);
  CHECK(std::includes(more.begin(), more.end(), ten.begin(), ten.end()));
  config.random_seed = 7;
  CHECK(users("raw", 10) != ten);
}
