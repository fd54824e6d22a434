#include "latentcrs/train/icl_losses.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

namespace latentcrs {

namespace {

constexpr double kLogFloor = 1e-24;

at::Tensor log_floored(const at::Tensor& p) { return at::log(p + kLogFloor); }

}  // namespace

at::Tensor next_item_loss(const at::Tensor& states, const at::Tensor& items, const at::Tensor& positive,
                          const at::Tensor& negative) {
  const at::Tensor real = positive.flatten().nonzero().flatten();
  const int64_t count = real.size(0), width = states.size(-1);
  const at::Tensor hidden = at::embedding(states.reshape({-1, width}), real);  // index_select has a slow gradient
  const at::Tensor targets =
      at::cat({positive.flatten().index_select(0, real), negative.flatten().index_select(0, real)});
  const at::Tensor logits = (at::embedding(items, targets, 0).view({2, count, width}) * hidden).sum(-1);
  const at::Tensor p = at::sigmoid(logits);
  return -(log_floored(p[0]) + log_floored(1 - p[1])).sum() / static_cast<double>(std::max<int64_t>(count, 1));
}

at::Tensor nce(const at::Tensor& z1, const at::Tensor& z2, double temperature, const at::Tensor& labels) {
  const int64_t batch = z1.size(0);
  const at::Tensor z = at::cat({z1, z2});
  const at::Tensor twin = at::arange(2 * batch, z.options().dtype(at::kLong)).roll(batch);
  at::Tensor excluded = at::eye(2 * batch, z.options().dtype(at::kBool));
  if (labels.defined()) {
    const at::Tensor both = at::cat({labels, labels});
    excluded = both.unsqueeze(0).eq(both.unsqueeze(1)).scatter_(1, twin.unsqueeze(1), false);
  }
  const at::Tensor similarity = at::mm(z, z.t()).div(temperature);
  return at::cross_entropy_loss(similarity.masked_fill(excluded, -std::numeric_limits<double>::infinity()), twin);
}

at::Tensor intent_contrast(const at::Tensor& view1, const at::Tensor& view2, const std::vector<UserIntents>& intents,
                           double temperature) {
  at::Tensor sum = at::zeros({}, view1.options());
  for (const UserIntents& of_user : intents)
    for (const at::Tensor* view : {&view1, &view2})
      sum = sum + nce(*view, of_user.vectors, temperature, of_user.labels);
  return sum / static_cast<double>(2 * intents.size());
}

}  // namespace latentcrs
