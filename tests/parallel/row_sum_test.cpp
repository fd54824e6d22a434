#include "numerics/parallel/row_sum.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "numerics/parallel/tree_sum.h"
#include "support/tensors.h"

using namespace latentcrs;

namespace {

/// A table [rows, 3] with random numbers in some rows, some of which are -0.
at::Tensor table_with(const std::vector<int64_t>& touched, int64_t rows) {
  at::Tensor table = at::zeros({rows, 3});
  for (const int64_t row : touched) {
    table[row] = at::randn({3}) * at::randn({3}).mul_(6).exp_();
    table[row][row % 3] = -0.0;
  }
  return table;
}

std::vector<at::Tensor> bits_of(const at::Tensor& table) { return {table, at::signbit(table)}; }

bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  return at::equal(bits_of(a)[0], bits_of(b)[0]) && at::equal(bits_of(a)[1], bits_of(b)[1]);
}

}  // namespace

TEST_CASE("a sparse table holds the rows that have bits", "[parallel]") {
  at::Tensor table = at::zeros({6, 2});
  table[1][1] = 3;
  table[4][0] = -0.0;
  const SparseTable sparse = sparse_table(table);
  CHECK_FALSE(sparse.is_whole());
  CHECK(at::equal(sparse.numbers, at::tensor({1, 4}, at::kLong)));
  CHECK(same_bits(whole_table(sparse, 6), table));
  CHECK(sparse_table(at::ones({6, 2})).is_whole());
  CHECK(sparse_table(at::zeros({6, 2})).numbers.numel() == 0);
}

TEST_CASE("rows are added with the bits of whole tables, also the signs of zeros", "[parallel]") {
  at::manual_seed(3);
  const std::vector<std::vector<int64_t>> touched = {{0, 3, 5},          {3, 4}, {},      {19},
                                                     {0, 1, 2, 3, 4, 5}, {7},    {5, 19}, {8, 9}};
  for (const int64_t rows : {20, 12}) {  // with 12 rows, six touched ones are half of a table, and sums become whole
    std::vector<at::Tensor> tables;
    for (std::vector<int64_t> of_shard : touched) {
      std::erase_if(of_shard, [&](int64_t row) { return row >= rows; });
      tables.push_back(table_with(of_shard, rows));
    }
    const Shards shards(Processes::alone(), 8);
    RowSum by_rows(shards, rows);
    TreeSum whole(shards);
    for (int round = 0; round < 2; ++round) {
      for (const at::Tensor& table : tables) {
        by_rows.add(table.clone());
        whole.add(table.reshape({-1}).clone());
      }
      CHECK(same_bits(by_rows.finish(), whole.finish().view({rows, 3})));
    }
  }
  // The sign shows: only one of the two shards has the row.
  const SparseTable one = sparse_table(table_with({1}, 8)), none = sparse_table(at::zeros({8, 3}));
  CHECK_FALSE(std::signbit(whole_table(sum_of(one, none, 8), 8)[1][1].item<float>()));
  CHECK(std::signbit(whole_table(sum_of(one, one, 8), 8)[1][1].item<float>()));
}
