#include "numerics/parallel/tree_sum.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "numerics/parallel/row_blocks.h"
#include "support/tensors.h"

using namespace latentcrs;

TEST_CASE("parts cover everything once, in order", "[parallel]") {
  CHECK(part_of(10, 0, 4).size() == 3);  // 10 / 4 = 2.5: bounds 0, 3, 5, 8, 10
  CHECK(part_of(10, 1, 4).begin == 3);
  CHECK(part_of(10, 1, 4).end == 5);
  CHECK(part_of(10, 3, 4).end == 10);
  for (int64_t size : {0, 1, 3, 8, 1000})
    for (int64_t count : {1, 2, 3, 8}) {
      int64_t end = 0;
      for (int64_t i = 0; i < count; ++i) {
        CHECK(part_of(size, i, count).begin == end);
        end = part_of(size, i, count).end;
        CHECK(part_of(size, i, count).size() >= size / count);
      }
      CHECK(end == size);
    }
}

TEST_CASE("a sum over shards has the bits of the balanced tree", "[parallel]") {
  at::manual_seed(5);
  std::vector<at::Tensor> shards;
  for (int s = 0; s < 8; ++s) shards.push_back(at::randn({1000}) * at::randn({1000}).mul_(6).exp_());
  TreeSum sum(Shards(Processes::alone(), 8));
  for (int round = 0; round < 2; ++round) {
    for (const at::Tensor& shard : shards) sum.add(shard.clone());
    const at::Tensor left = (shards[0] + shards[1]) + (shards[2] + shards[3]);
    const at::Tensor right = (shards[4] + shards[5]) + (shards[6] + shards[7]);
    CHECK(test::difference(sum.finish(), left + right, test::kExact) == "");
  }
  // The order shows in these numbers, so that the check above can fail.
  at::Tensor in_sequence = shards[0];
  for (int s = 1; s < 8; ++s) in_sequence = in_sequence + shards[static_cast<size_t>(s)];
  CHECK(test::difference(
            in_sequence,
            (shards[0] + shards[1]) + (shards[2] + shards[3]) + ((shards[4] + shards[5]) + (shards[6] + shards[7])),
            test::kExact) != "");
}

TEST_CASE("fewer shards than processes are refused with the setting's name", "[parallel]") {
  CHECK_NOTHROW(Shards::check(8, 8));
  CHECK_THROWS_WITH(Shards::check(2, 1), Catch::Contains("data_shards=1: 2 processes"));
}

TEST_CASE("a table is filled block by block", "[parallel]") {
  at::Tensor table = at::zeros({10, 2});
  std::vector<int64_t> begins;
  fill_in_blocks(Processes::alone(), table, 4, [&](int64_t begin, int64_t end) {
    begins.push_back(begin);
    return at::arange(begin, end, at::kFloat).unsqueeze(1).expand({end - begin, 2});
  });
  CHECK(begins == std::vector<int64_t>{0, 4, 8});
  CHECK(test::difference(table.select(1, 1), at::arange(10, at::kFloat), test::kExact) == "");
}
