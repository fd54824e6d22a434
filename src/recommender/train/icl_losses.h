// The contrasts of ICLRec (docs/method.md, section 4.3): pure functions to differentiable scalars. B users, W numbers a
// user.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace latentcrs {

/// InfoNCE over the 2B rows of z1 and z2 [B, W], by dot product / temperature: row i of z1 belongs to row i of z2, a
/// row is not compared with itself. With `labels` [B] it is not compared with other rows of its label
/// either; undefined labels exclude no row.
at::Tensor nce(const at::Tensor& z1, const at::Tensor& z2, double temperature, const at::Tensor& labels);

/// The intents of a batch's users in one clustering.
struct UserIntents {
  at::Tensor vectors;  ///< [B, W], the intent vector of each user, without gradient
  at::Tensor labels;   ///< [B], for de-noising; undefined: none
};

/// Mean over the two views [B, W] and all clusterings of nce(view, intent vectors).
at::Tensor intent_contrast(const at::Tensor& view1, const at::Tensor& view2, const std::vector<UserIntents>& intents,
                           double temperature);

}  // namespace latentcrs
