// Recommenders without a network, which score items by linear weights of the items that a user had. V + 1 rows of items
// by dense id, row 0 is padding; n users.
#pragma once

#include <ATen/core/Tensor.h>

#include "recommender/eval/item_cosines.h"

namespace latentcrs {

/// W [V + 1, V + 1] float32, in which W[y][h] is what having h adds to the score of y.
///
/// item_cosine_weights: cosine(y, h) of the users of both, for the `neighbours` largest of each y (ties by id; 0: all),
/// as ItemKNN (Sarwar et al., WWW 2001).
at::Tensor item_cosine_weights(const CoOccurrence& pairs, int neighbours);
/// EASE (Steck, WWW 2019): B of min ‖X - X B‖² + λ‖B‖² with a diagonal of zeros. With P = (XᵀX + λI)⁻¹ it is
/// B_hy = -P_hy / P_yy, and W[y][h] = B_hy.
at::Tensor ease_weights(const CoOccurrence& pairs, double lambda);

/// 1 for each item of a history: [n, rows] float32. Its product with Wᵀ has the scores.
at::Tensor history_matrix(const Histories& histories, int64_t rows);

/// Throws Error(config) if tables of `rows` x `rows` pairs and of `users` x `rows` would take more than 8 GiB.
void check_baseline_size(int64_t users, int64_t rows);

}  // namespace latentcrs
