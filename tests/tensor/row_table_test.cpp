#include "numerics/tensor/row_table.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "numerics/tensor/tensor_file.h"
#include "support/temp_dir.h"

using namespace latentcrs;

TEST_CASE("a table gathers rows of several matrices, and zeros", "[tensor]") {
  const at::Tensor one = at::arange(6, at::kFloat).view({2, 3}), two = at::arange(6, 15, at::kFloat).view({3, 3});
  const RowTable table({one, two}, {4, -1, 0, 2});
  CHECK(table.size() == 4);
  CHECK(table.width() == 3);
  const at::Tensor expected = at::stack({two[2], at::zeros({3}), one[0], two[0]});
  CHECK(at::equal(table.all(), expected));
  const at::Tensor wanted = at::tensor({3, 0, 0, 1}, at::kLong);
  CHECK(at::equal(table.rows(wanted), expected.index_select(0, wanted)));
  CHECK_THROWS(table.rows(at::tensor({4}, at::kLong)));
}

TEST_CASE("a block of a table, and a table in another order", "[tensor]") {
  const at::Tensor matrix = at::rand({5, 3});
  const RowTable whole = matrix, parts({matrix.narrow(0, 0, 2), matrix.narrow(0, 2, 3)}, {0, 1, 2, 3, 4});
  const std::vector<int64_t> order = {4, 0, 0};
  for (const RowTable& table : {whole, parts}) {
    CHECK(at::equal(table.block(1, 4), matrix.slice(0, 1, 4)));
    CHECK(at::equal(table.reordered(order).all(), matrix.index_select(0, at::tensor(order, at::kLong))));
    CHECK(table.reordered(order).size() == 3);
  }
}

TEST_CASE("a table of one matrix is that matrix", "[tensor]") {
  const at::Tensor matrix = at::rand({4, 3});
  const RowTable table = matrix;
  CHECK(table.all().data_ptr() == matrix.data_ptr());
  CHECK(at::equal(table.rows(at::tensor({2, 2}, at::kLong)), matrix.index_select(0, at::tensor({2, 2}, at::kLong))));
  CHECK(RowTable().size() == 0);
}

TEST_CASE("a table reads rows of mapped files", "[tensor]") {
  const test::TempDir dir;
  std::vector<at::Tensor> matrices, mapped;
  for (int i = 0; i < 2; ++i) {
    matrices.push_back(at::rand({900, 40}).to(at::kHalf));
    const auto path = dir / ("part" + std::to_string(i) + ".pt");
    write_state_dict({{"x", matrices.back()}}, path);
    mapped.push_back(read_state_dict(path)[0].second);
  }
  const at::Tensor order = at::randperm(1800, at::kLong), expected = at::cat(matrices).index_select(0, order);
  const RowTable table(mapped, {order.data_ptr<int64_t>(), order.data_ptr<int64_t>() + order.numel()});
  CHECK(table.scalar_type() == at::kHalf);
  CHECK(at::equal(table.all(), expected));
  const at::Tensor some = at::tensor({1799, 0, 3, 3}, at::kLong);
  CHECK(at::equal(table.rows(some), expected.index_select(0, some)));

  std::filesystem::resize_file(dir / "part1.pt", 1000);
  CHECK_THROWS_WITH(table.all(), Catch::Contains("part1.pt: cannot be read, it has become shorter"));
}
