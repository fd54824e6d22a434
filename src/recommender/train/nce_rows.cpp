#include "recommender/train/nce_rows.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "recommender/train/parallel_blocks.h"

namespace latentcrs {

namespace {

constexpr int64_t kProductColumns = 64;  // fixed, so that the bits do not depend on the number of threads

/// a b of a [R, C] and b [C, W], the columns shared among LibTorch's threads: BLAS is kept to one.
at::Tensor product_by_columns(const at::Tensor& a, const at::Tensor& b) {
  if (!a.is_cpu()) return at::mm(a, b);
  at::Tensor out = at::empty({a.size(0), b.size(1)}, a.options());
  each_range(b.size(1), kProductColumns, [&](int64_t begin, int64_t end) {
    at::Tensor part = out.narrow(1, begin, end - begin);
    at::mm_out(part, a, b.narrow(1, begin, end - begin));
  });
  return out;
}

/// The rows of `own` users among [2B, ...]: first their z1, then their z2.
at::Tensor rows_of(const at::Tensor& all, Part own) {
  const int64_t batch = all.size(0) / 2;
  return at::cat({all.narrow(0, own.begin, own.size()), all.narrow(0, batch + own.begin, own.size())});
}

}  // namespace

NceRows::NceRows(at::Tensor all, Part own, double temperature, const at::Tensor& labels)
    : all_(std::move(all)), own_(own), temperature_(temperature) {
  similarity_ = product_by_columns(rows_of(all_, own_), all_.t()).div_(temperature_);
  at::Tensor excluded = rows_of(at::arange(2 * batch(), all_.options().dtype(at::kLong)), own_)
                            .unsqueeze(1)
                            .eq(at::arange(2 * batch(), all_.options().dtype(at::kLong)).unsqueeze(0));
  if (labels.defined()) {
    const at::Tensor both = at::cat({labels, labels});
    excluded = rows_of(both, own_).unsqueeze(1).eq(both.unsqueeze(0));
    for (at::Tensor& twin : twins(excluded)) twin.fill_(false);
  }
  similarity_.masked_fill_(excluded, -std::numeric_limits<double>::infinity());
  log_sums_ = at::logsumexp(similarity_, {1});
}

std::vector<at::Tensor> NceRows::twins(const at::Tensor& rows) const {
  const auto diagonal = [&](int64_t first_row, int64_t first_column) {
    return rows.narrow(0, first_row, own_.size()).narrow(1, first_column, own_.size()).diagonal();
  };
  return {diagonal(0, batch() + own_.begin), diagonal(own_.size(), own_.begin)};
}

at::Tensor NceRows::log_sums() const { return log_sums_.view({2, own_.size()}); }

at::Tensor NceRows::loss() const {
  return (log_sums_ - at::cat(twins(similarity_))).sum() / static_cast<double>(2 * batch());
}

/// Row i of nce() has the gradient Σ_j (p_ij - [j is its twin]) z_j by its own vector, and row j has (p_ji - [i is its
/// twin]) z_j by it.
at::Tensor NceRows::gradient(const at::Tensor& all_log_sums) const {
  at::Tensor weights = (similarity_ - log_sums_.unsqueeze(1)).exp_();
  weights.add_((similarity_ - all_log_sums.reshape({1, -1})).exp_());
  for (at::Tensor& twin : twins(weights)) twin.sub_(2);
  return product_by_columns(weights, all_)
      .div_(static_cast<double>(2 * batch()) * temperature_)
      .view({2, own_.size(), all_.size(1)});
}

}  // namespace latentcrs
