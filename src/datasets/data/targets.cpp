#include "datasets/data/targets.h"

#include <algorithm>

#include "base/util/error.h"

namespace latentcrs {

std::vector<Target> targets_of(const Interactions& interactions, Split split) {
  if (split == Split::train) throw internal_error("targets_of: every position of training has a target");
  std::vector<Target> targets;
  for (int64_t user = 0; user < interactions.num_users(); ++user) {
    const UserParts parts = interactions.parts_of(user);
    const auto length = static_cast<int64_t>(interactions.sequence(user).size());
    const int64_t begin = split == Split::valid ? parts.train : parts.valid;
    const int64_t end = split == Split::valid ? parts.valid : length;
    for (int64_t position = std::max<int64_t>(begin, 1); position < end; ++position)
      targets.push_back({.user = user, .position = position});
  }
  return targets;
}

std::span<const int32_t> items_before(const Interactions& interactions, const Target& target) {
  return interactions.sequence(target.user).first(static_cast<size_t>(target.position));
}

int32_t item_of(const Interactions& interactions, const Target& target) {
  return interactions.sequence(target.user)[static_cast<size_t>(target.position)];
}

std::span<const int32_t> train_input(const Interactions& interactions, int64_t user) {
  const std::span<const int32_t> training = interactions.training(user);
  return training.first(training.empty() ? 0 : training.size() - 1);
}

std::vector<int64_t> users_to_train(const Interactions& interactions) {
  std::vector<int64_t> users;
  for (int64_t user = 0; user < interactions.num_users(); ++user)
    if (interactions.parts_of(user).train > 0) users.push_back(user);
  return users;
}

}  // namespace latentcrs
