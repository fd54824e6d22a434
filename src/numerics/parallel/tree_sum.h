// A sum over shards whose bits do not depend on how many processes hold them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "numerics/parallel/shard_tree.h"
#include "numerics/parallel/shards.h"

namespace latentcrs {

/// Adds one vector [n] of each shard in the order of numerics/parallel/shard_tree.h, whichever process has them. A
/// process adds the whole subtrees that it has, and sends every other process its slice of them; each finishes the tree
/// for its own slice and sends that back. So much travels as in a ring all-reduce; Gloo's and NCCL's own sums have an
/// order that depends on the number of processes.
class TreeSum {
 public:
  using Sums = std::vector<ShardTree<at::Tensor>::Sum>;

  explicit TreeSum(const Shards& shards) : shards_(shards), own_(nodes_of(shards.own())) {}

  /// Adds the vector of the next of this process' shards, in their order. It is overwritten.
  void add(const at::Tensor& vector);
  /// The sum over all shards, in every process, after all of its own were added. Then the next sum may begin.
  at::Tensor finish();

  /// The same from the sums [n] of this process' nodes, in their order.
  static at::Tensor finish(const Shards& shards, Sums own);

 private:
  Shards shards_;
  ShardTree<at::Tensor> own_;
  int64_t added_ = 0;
};

}  // namespace latentcrs
