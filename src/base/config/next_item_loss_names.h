// The names of the next-item losses, which pretrain.loss may have.
#pragma once

#include <array>

namespace latentcrs {

/// recommender/train/next_item_losses.h has an object for each, in this order.
inline constexpr std::array kNextItemLossNames = {"bce", "softmax", "sampled_softmax", "gbce"};

}  // namespace latentcrs
