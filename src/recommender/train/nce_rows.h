// The contrast of icl_losses.h by rows, so that the users of a batch may be shared among shards.
#pragma once

#include <ATen/core/Tensor.h>

#include "numerics/parallel/processes.h"

namespace latentcrs {

/// The rows of some users of a batch in nce(), whose value and gradient are sums over rows. A row needs the others'
/// vectors first, and then the logarithms of their sums. B users, W numbers a user, b users of these rows. Nothing here
/// records a gradient.
class NceRows {
 public:
  /// `all` [2B, W] are z1 and z2 of the whole batch, one after the other; `own` the users of these rows; `labels` [B]
  /// as in nce(), or undefined.
  NceRows(at::Tensor all, Part own, double temperature, const at::Tensor& labels);

  /// log Σ_j exp(similarity of a row with j), [2, b].
  at::Tensor log_sums() const;
  /// What these rows add to the value of nce(). Scalar.
  at::Tensor loss() const;
  /// The gradient of nce() by these rows' vectors z1 and z2, [2, b, W], given the log_sums() of all users, [2, B].
  at::Tensor gradient(const at::Tensor& all_log_sums) const;

 private:
  int64_t batch() const { return all_.size(0) / 2; }
  /// The similarities of rows with their twins, z1 of a user with its z2, [b] each: views.
  std::vector<at::Tensor> twins(const at::Tensor& rows) const;

  at::Tensor all_;  // [2B, W]
  Part own_;
  double temperature_;
  at::Tensor similarity_;  // [2b, 2B], -inf where a row is not compared
  at::Tensor log_sums_;    // [2b]
};

}  // namespace latentcrs
