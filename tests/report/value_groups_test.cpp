#include "experiment/report/value_groups.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace latentcrs;

namespace {

std::vector<std::string> labels_of(const std::vector<int64_t>& values, size_t count) {
  std::vector<std::string> labels;
  for (const ValueGroup& group : value_groups(values, count)) labels.push_back(group.label());
  return labels;
}

}  // namespace

TEST_CASE("values fall into groups of about equal size", "[value_groups]") {
  using Labels = std::vector<std::string>;
  CHECK(labels_of({8, 1, 2, 3, 4, 5, 6, 7}, 4) == Labels{"1 to 2", "3 to 4", "5 to 6", "7 to 8"});
  // Equal values stay together, and the following groups take what is left.
  CHECK(labels_of({0, 0, 0, 0, 0, 1, 2, 9}, 4) == Labels{"0", "1", "2 to 9"});
  CHECK(labels_of({5, 5, 5}, 4) == Labels{"5"});
  CHECK(labels_of({1, 2}, 4) == Labels{"1", "2"});
  CHECK(labels_of({}, 4).empty());
}

TEST_CASE("every value is in one group", "[value_groups]") {
  std::vector<int64_t> values;
  for (int64_t i = 0; i < 100; ++i) values.push_back(i * i % 37);
  for (size_t count = 1; count < 10; ++count) {
    const auto groups = value_groups(values, count);
    CHECK(groups.size() <= count);
    for (const int64_t value : values)
      CHECK(std::count_if(groups.begin(), groups.end(), [value](const auto& group) { return group.holds(value); }) ==
            1);
  }
}
