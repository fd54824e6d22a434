// The balanced binary tree over shard numbers in whose order sums are added, whichever process has the shards.
#pragma once

#include <utility>
#include <vector>

#include "numerics/parallel/processes.h"

namespace latentcrs {

/// Shards [begin, end): an aligned power of two of them.
using ShardNode = Part;

/// The largest aligned nodes that cover the shards, in order: at most 2 log2(V).
std::vector<ShardNode> nodes_of(Part shards);
/// Whether two neighbours are the halves of an aligned node that lies in one of `within`.
bool are_halves_of_one(ShardNode left, ShardNode right, const std::vector<ShardNode>& within);

/// Sums of neighbouring nodes, which become one as soon as both halves of it are there:
/// ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7)).
template <class Value>
class ShardTree {
 public:
  struct Sum {
    ShardNode node;
    Value value;
  };

  /// Sums are joined within each of these nodes.
  explicit ShardTree(std::vector<ShardNode> within) : within_(std::move(within)) {}

  /// The next node. plus(a, b) returns a + b and may overwrite both.
  template <class Plus>
  void add(ShardNode node, Value value, const Plus& plus) {
    sums_.push_back({node, std::move(value)});
    while (sums_.size() > 1 && are_halves_of_one(sums_[sums_.size() - 2].node, sums_.back().node, within_)) {
      Sum right = std::move(sums_.back());
      sums_.pop_back();
      Sum& left = sums_.back();
      left = {{left.node.begin, right.node.end}, plus(std::move(left.value), std::move(right.value))};
    }
  }
  /// The sums so far, in order; the tree is empty afterwards.
  std::vector<Sum> take() { return std::exchange(sums_, {}); }

 private:
  std::vector<ShardNode> within_;
  std::vector<Sum> sums_;
};

/// The sum of nodes that cover all shards.
template <class Value, class Plus>
Value sum_of_nodes(std::vector<typename ShardTree<Value>::Sum> nodes, const Plus& plus) {
  ShardTree<Value> tree({{0, nodes.back().node.end}});
  for (auto& [node, value] : nodes) tree.add(node, std::move(value), plus);
  return std::move(tree.take().front().value);
}

}  // namespace latentcrs
