#include "recommender/eval/sampled_ranks.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/util/error.h"

namespace latentcrs {

namespace {

constexpr int64_t kRowsAtOnce = int64_t{1} << 18;  // of items that are gathered: 64 MiB at width 64

/// Scores [n, M] of the rows `rows` [n, M] for users [n, d], summed over d in one order.
at::Tensor scores_of(const at::Tensor& users, const at::Tensor& items, const at::Tensor& rows) {
  const at::Tensor vectors = items.index_select(0, rows.reshape(-1)).view({rows.size(0), rows.size(1), -1});
  return (vectors * users.unsqueeze(1)).sum(2);
}

}  // namespace

std::vector<Rank> rank_among(const at::Tensor& users, const at::Tensor& items, std::span<const int32_t> targets,
                             const at::Tensor& negatives) {
  const at::Tensor table = items.detach().to(at::kFloat), vectors = users.detach().to(table.device(), at::kFloat);
  const auto n = static_cast<int64_t>(targets.size());
  const int64_t block = std::max<int64_t>(1, kRowsAtOnce / (negatives.size(1) + 1));
  std::vector<Rank> ranks;
  for (int64_t begin = 0; begin < n; begin += block) {
    const int64_t end = std::min(begin + block, n);
    const std::vector<int64_t> own(targets.begin() + begin, targets.begin() + end);
    const at::Tensor rows =
        at::cat({at::tensor(own, at::kLong).unsqueeze(1), negatives.slice(0, begin, end).to(at::kCPU)}, 1);
    const at::Tensor scores = scores_of(vectors.slice(0, begin, end), table, rows.to(table.device())).to(at::kCPU);
    const at::Tensor bad = at::isfinite(scores).all(1).logical_not().nonzero();
    if (bad.numel() > 0)
      throw numeric_error(fmt::format("the scores of user {} are not finite: check the weights and the embeddings",
                                      begin + bad[0].item<int64_t>()));
    const at::Tensor at_least = scores.ge(scores.slice(1, 0, 1)).sum(1).to(at::kInt);  // the target counts itself
    ranks.insert(ranks.end(), at_least.data_ptr<int32_t>(), at_least.data_ptr<int32_t>() + at_least.numel());
  }
  return ranks;
}

std::vector<Rank> rank_among_by_score(std::span<const double> scores, std::span<const int32_t> targets,
                                      const at::Tensor& negatives) {
  const at::Tensor rows = negatives.to(at::kCPU, at::kLong).contiguous();
  const int64_t* row = rows.data_ptr<int64_t>();
  std::vector<Rank> ranks;
  for (const int32_t target : targets) {
    const double own = scores[static_cast<size_t>(target)];
    const auto at_least =
        std::count_if(row, row + rows.size(1), [&](int64_t item) { return scores[static_cast<size_t>(item)] >= own; });
    ranks.push_back(static_cast<Rank>(1 + at_least));
    row += rows.size(1);
  }
  return ranks;
}

}  // namespace latentcrs
