// A sum over shards whose bits do not depend on how many processes hold them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "parallel/shards.h"

namespace latentcrs {

/// Adds one vector [n] of each shard in the order of the balanced binary tree over shard numbers, whichever process has
/// them:
/// ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)). A process adds the whole subtrees that it has, and sends every other
/// process its slice of them; each finishes the tree for its own slice and sends that back. So much travels as in a
/// ring all-reduce; Gloo's and NCCL's own sums have an order that depends on the number of processes.
class TreeSum {
 public:
  explicit TreeSum(const Shards& shards) : shards_(shards) {}

  /// Adds the vector of the next of this process' shards, in their order. It is overwritten.
  void add(const at::Tensor& vector);
  /// The sum over all shards, in every process, after all of its own were added. Then the next sum may begin.
  at::Tensor finish();

 private:
  using Node = Part;  ///< shards [begin, end): an aligned power of two of them
  struct Sum {
    Node node;
    at::Tensor value;
  };

  static std::vector<Node> nodes_of(Part shards);
  static at::Tensor finished(std::vector<Sum> sums);
  static bool add_last_two(std::vector<Sum>& sums, const std::vector<Node>& within);
  at::Tensor exchanged(const std::vector<Sum>& own) const;

  Shards shards_;
  std::vector<Sum> sums_;  // of this process, in order: at most log2(V) for each node
  int64_t added_ = 0;
};

}  // namespace latentcrs
