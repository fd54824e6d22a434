#include "numerics/parallel/shard_tree.h"

#include <algorithm>

namespace latentcrs {

std::vector<ShardNode> nodes_of(Part shards) {
  std::vector<ShardNode> nodes;
  for (int64_t begin = shards.begin; begin < shards.end; begin = nodes.back().end) {
    int64_t width = 1;
    while (begin % (2 * width) == 0 && begin + 2 * width <= shards.end) width *= 2;
    nodes.push_back({begin, begin + width});
  }
  return nodes;
}

bool are_halves_of_one(ShardNode left, ShardNode right, const std::vector<ShardNode>& within) {
  if (left.size() != right.size() || left.end != right.begin || left.begin % (2 * left.size()) != 0) return false;
  return std::any_of(within.begin(), within.end(),
                     [&](ShardNode node) { return node.begin <= left.begin && right.end <= node.end; });
}

}  // namespace latentcrs
