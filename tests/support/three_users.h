// Three users whose co-occurrence is counted by hand.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "recommender/eval/item_cosines.h"

namespace latentcrs::test {

/// Items 1 and 2 have two users in common; 3 has one with each; items from 4 on have none. `rows` are items and the
/// padding.
inline CoOccurrence three_users(int64_t rows) {
  Histories users;
  users.add(std::vector<int32_t>{1, 2});
  users.add(std::vector<int32_t>{1, 2, 3});
  users.add(std::vector<int32_t>{1});
  return CoOccurrence(std::move(users), rows);
}

}  // namespace latentcrs::test
