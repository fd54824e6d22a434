// The targets of validation and test: items of users' sequences that are predicted from what the user had before
// (docs/method.md, section 3).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "datasets/data/interactions.h"

namespace latentcrs {

enum class Split { train, valid, test };

/// An item to predict.
struct Target {
  int64_t user = 0;      ///< row of the Interactions
  int64_t position = 0;  ///< in the user's sequence, from 0; >= 1, because there must be items before it
};

/// All targets of valid or test, user after user, oldest first. With leave-one-out each user has one. Throws
/// Error(internal) for train, where every position has a target.
std::vector<Target> targets_of(const Interactions& interactions, Split split);

/// All items that the user had before the target.
std::span<const int32_t> items_before(const Interactions& interactions, const Target& target);
int32_t item_of(const Interactions& interactions, const Target& target);

/// The input of training: the items trained on without the last one, which is a target only. Empty for one item.
std::span<const int32_t> train_input(const Interactions& interactions, int64_t user);
/// Users with an item to train on.
std::vector<int64_t> users_to_train(const Interactions& interactions);

}  // namespace latentcrs
