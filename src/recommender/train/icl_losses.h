// The contrasts of ICLRec (docs/method.md, section 4.3): pure functions to differentiable scalars. B users, W numbers a
// user.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace latentcrs {

/// InfoNCE over the rows of `views` [2B, W], by dot product / temperature: row i belongs to row B + i, and a row is not
/// compared with itself. With `labels` [B] it is not compared with other rows of its label either; undefined labels
/// exclude no row.
at::Tensor nce(const at::Tensor& views, double temperature, const at::Tensor& labels);

/// The intents of a batch's users in one clustering.
struct UserIntents {
  at::Tensor vectors;  ///< [B, W], the intent vector of each user, without gradient
  at::Tensor labels;   ///< [B], for de-noising; undefined: none
};

/// Mean over the two views, B rows of `views` [2B, W] each, and all clusterings of the nce() of a view and the intent
/// vectors.
at::Tensor intent_contrast(const at::Tensor& views, const std::vector<UserIntents>& intents, double temperature);

}  // namespace latentcrs
