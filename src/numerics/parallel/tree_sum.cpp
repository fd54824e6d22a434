#include "numerics/parallel/tree_sum.h"

#include <ATen/ATen.h>

#include <utility>

namespace latentcrs {

namespace {

at::Tensor plus(at::Tensor left, const at::Tensor& right) { return left.add_(right); }

/// The elements of a vector [n] that each process adds up.
std::vector<Part> slices_of(int64_t n, const Processes& processes) {
  std::vector<Part> slices;
  for (int r = 0; r < processes.size(); ++r) slices.push_back(part_of(n, r, processes.size()));
  return slices;
}

/// Every other process' slice of each node, [nodes, slice].
std::vector<at::Tensor> slices_for_others(const TreeSum::Sums& own, const std::vector<Part>& slices, size_t me) {
  std::vector<at::Tensor> to(slices.size());
  for (size_t r = 0; r < slices.size(); ++r) {
    if (r == me) continue;
    std::vector<at::Tensor> rows;
    for (const auto& sum : own) rows.push_back(sum.value.narrow(0, slices[r].begin, slices[r].size()));
    to[r] = at::stack(rows);
  }
  return to;
}

}  // namespace

void TreeSum::add(const at::Tensor& vector) {
  const int64_t shard = shards_.own().begin + added_++;
  own_.add({shard, shard + 1}, vector, plus);
}

at::Tensor TreeSum::finish() {
  added_ = 0;
  return finish(shards_, own_.take());
}

at::Tensor TreeSum::finish(const Shards& shards, Sums own) {
  Processes& processes = shards.processes();
  if (!processes.several()) return sum_of_nodes<at::Tensor>(std::move(own), plus);
  const auto me = static_cast<size_t>(processes.rank());
  const at::Tensor like = own.front().value;
  const std::vector<Part> slices = slices_of(like.numel(), processes);
  const Part mine = slices[me];

  std::vector<at::Tensor> from(slices.size());
  Sums all;  // this process' slice of every node, in order
  for (size_t r = 0; r < slices.size(); ++r) {
    const std::vector<ShardNode> nodes = nodes_of(shards.of(static_cast<int>(r)));
    if (r != me) from[r] = at::empty({static_cast<int64_t>(nodes.size()), mine.size()}, like.options());
    for (size_t i = 0; i < nodes.size(); ++i)
      all.push_back({nodes[i], r == me ? own[i].value.narrow(0, mine.begin, mine.size())
                                       : from[r].select(0, static_cast<int64_t>(i))});
  }
  processes.exchange(slices_for_others(own, slices, me), from);

  at::Tensor sum = at::empty_like(like);
  sum.narrow(0, mine.begin, mine.size()).copy_(sum_of_nodes<at::Tensor>(std::move(all), plus));
  processes.gather_rows(sum, slices);
  return sum;
}

}  // namespace latentcrs
