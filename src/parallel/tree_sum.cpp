#include "parallel/tree_sum.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace latentcrs {

namespace {

constexpr int kPartsTag = 1000, kSumsTag = 2000;

bool contains(Part outer, Part inner) { return outer.begin <= inner.begin && inner.end <= outer.end; }

/// Whether two neighbours are the halves of an aligned node.
bool are_halves(Part left, Part right) {
  return left.size() == right.size() && left.end == right.begin && left.begin % (2 * left.size()) == 0;
}

}  // namespace

/// The largest aligned nodes that cover the shards, in order.
std::vector<TreeSum::Node> TreeSum::nodes_of(Part shards) {
  std::vector<Node> nodes;
  for (int64_t begin = shards.begin; begin < shards.end; begin = nodes.back().end) {
    int64_t width = 1;
    while (begin % (2 * width) == 0 && begin + 2 * width <= shards.end) width *= 2;
    nodes.push_back({begin, begin + width});
  }
  return nodes;
}

/// Adds the last sum to the one before it, if they are the halves of a node that lies in one of `within`.
bool TreeSum::add_last_two(std::vector<Sum>& sums, const std::vector<Node>& within) {
  if (sums.size() < 2) return false;
  Sum &left = sums[sums.size() - 2], &right = sums.back();
  const Node both = {left.node.begin, right.node.end};
  const bool inside = std::any_of(within.begin(), within.end(), [&](Node node) { return contains(node, both); });
  if (!are_halves(left.node, right.node) || !inside) return false;
  left = {both, left.value.add_(right.value)};
  sums.pop_back();
  return true;
}

at::Tensor TreeSum::finished(std::vector<Sum> sums) {
  const std::vector<Node> whole = {{0, sums.back().node.end}};
  std::vector<Sum> done;
  for (Sum& sum : sums) {
    done.push_back(std::move(sum));
    while (add_last_two(done, whole)) {
    }
  }
  return done.front().value;
}

void TreeSum::add(const at::Tensor& vector) {
  const int64_t shard = shards_.own().begin + added_++;
  sums_.push_back({{shard, shard + 1}, vector});
  while (add_last_two(sums_, nodes_of(shards_.own()))) {
  }
}

at::Tensor TreeSum::finish() {
  std::vector<Sum> own = std::exchange(sums_, {});
  added_ = 0;
  if (!shards_.processes().several()) return finished(std::move(own));
  const at::Device device = own.front().value.device();
  for (Sum& sum : own) sum.value = sum.value.cpu();
  return exchanged(own).to(device);
}

at::Tensor TreeSum::exchanged(const std::vector<Sum>& own) const {
  Processes& processes = shards_.processes();
  const int me = processes.rank(), size = processes.size();
  const int64_t n = own.front().value.numel();
  const auto slice = [&](const at::Tensor& all, int rank) {
    const Part part = part_of(n, rank, size);
    return all.narrow(0, part.begin, part.size());
  };
  const at::Tensor sum = at::empty_like(own.front().value);
  Mesh::Transfers parts = processes.transfers(), sums = processes.transfers();
  std::vector<Sum> all;  // this process' slice of every node, in order
  for (int r = 0; r < size; ++r) {
    int tag = kPartsTag;
    for (const Node node : nodes_of(shards_.of(r))) {
      const auto mine = std::find_if(own.begin(), own.end(), [&](const Sum& s) { return s.node.begin == node.begin; });
      all.push_back({node, r == me ? slice(mine->value, me) : at::empty_like(slice(sum, me))});
      if (r != me && slice(sum, me).numel() > 0) parts.receive(all.back().value, r, tag++);
    }
  }
  for (int step = 1; step < size; ++step) {
    const int to = (me + step) % size, from = (me - step + size) % size;
    if (slice(sum, from).numel() > 0) sums.receive(slice(sum, from), from, kSumsTag);
    int tag = kPartsTag;
    for (const Sum& one : own)
      if (slice(sum, to).numel() > 0) parts.send(slice(one.value, to), to, tag++);
  }
  parts.wait();
  slice(sum, me).copy_(finished(std::move(all)));
  for (int r = 0; r < size; ++r)
    if (r != me && slice(sum, me).numel() > 0) sums.send(slice(sum, me), r, kSumsTag);
  sums.wait();
  return sum;
}

}  // namespace latentcrs
