#include "recommender/eval/device_ranks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

namespace latentcrs {

namespace {

void mask(at::Tensor& scores, int64_t begin, const Candidates& candidates) {
  const at::Device device = scores.device();
  if (!candidates.excluded_score_zero && !candidates.non_items.empty()) {
    scores.index_fill_(1, at::tensor(candidates.non_items, at::kLong).to(device), kNever);
  }
  if (!candidates.excluded) return;
  std::vector<int64_t> cells;
  for (int64_t i = 0; i < scores.size(0); ++i) {
    for (const int32_t item : candidates.excluded(begin + i)) cells.push_back(i * scores.size(1) + item);
  }
  const float value = candidates.excluded_score_zero ? 0.0f : kNever;
  if (!cells.empty()) scores.view(-1).index_fill_(0, at::tensor(cells, at::kLong).to(device), value);
}

}  // namespace

void device_ranks(at::Tensor scores, int64_t begin, std::span<const int32_t> targets, const Candidates& candidates,
                  std::span<Rank> ranks) {
  const std::vector<int64_t> rows(targets.begin(), targets.end());
  const at::Tensor target = at::tensor(rows, at::kLong).to(scores.device()).unsqueeze(1);
  const at::Tensor own = scores.gather(1, target);
  mask(scores, begin, candidates);
  scores.scatter_(1, target, own);

  at::Tensor at_least = scores.ge(own).sum(1);  // the target counts itself
  const at::Tensor sound = at::isfinite(own).squeeze(1).logical_and_(scores.eq(scores).all(1));
  at_least = at_least.masked_fill_(sound.logical_not(), int64_t{kUnsound}).to(at::kCPU, at::kInt);
  std::copy_n(at_least.data_ptr<int32_t>(), ranks.size(), ranks.begin());
}

}  // namespace latentcrs
