// A sum over shards of tables of which a shard touches few rows: only these travel and are added.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "numerics/parallel/shard_tree.h"
#include "numerics/parallel/shards.h"

namespace latentcrs {

/// A table [V, D] of float32 on the CPU: either its rows that are not zero, or all of it.
struct SparseTable {
  at::Tensor numbers;  ///< [R] int64, ascending; undefined where `all` is defined
  at::Tensor rows;     ///< [R, D]
  at::Tensor all;      ///< [V, D], where more than half of the rows are not zero; then nothing else is defined

  bool is_whole() const { return all.defined(); }
};

/// The bits of `table` decide: a row of zeros with a sign is a row.
SparseTable sparse_table(const at::Tensor& table);
at::Tensor whole_table(const SparseTable& table, int64_t rows);
/// a + b, where a missing row is one of zeros. The bits are those of the sum of whole tables.
SparseTable sum_of(const SparseTable& a, const SparseTable& b, int64_t rows);

/// Adds a table of each shard with the bits that TreeSum would give, so that the cheaper way may be taken at each step:
/// every process sends the rows of its subtrees to all others where they are fewer than what a sum of whole tables
/// would send, and finishes the tree itself.
class RowSum {
 public:
  /// Tables of `rows` rows.
  RowSum(const Shards& shards, int64_t rows) : shards_(shards), table_rows_(rows), own_(nodes_of(shards.own())) {}

  /// Adds the table of the next of this process' shards, in their order.
  void add(const at::Tensor& table);
  /// The sum [V, D] over all shards, in every process. Then the next sum may begin.
  at::Tensor finish();

 private:
  using Sums = std::vector<ShardTree<SparseTable>::Sum>;
  at::Tensor counts_of_all(const Sums& own) const;
  Sums sums_of_all(const Sums& own, const at::Tensor& counts) const;

  Shards shards_;
  int64_t table_rows_;
  ShardTree<SparseTable> own_;
  int64_t added_ = 0;
};

}  // namespace latentcrs
