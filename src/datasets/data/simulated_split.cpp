#include "datasets/data/simulated_split.h"

#include <algorithm>
#include <unordered_set>

#include "base/util/random.h"

namespace latentcrs {

namespace {

/// The first simulate.users users of a random order of all.
std::unordered_set<int64_t> drawn_users(const Interactions& interactions, const Config& config) {
  std::vector<int64_t> users(interactions.user_ids.begin(), interactions.user_ids.end());
  Rng(derive_seed(static_cast<uint64_t>(config.random_seed), "simulate.users")).shuffle(users);
  const auto count = std::min(users.size(), static_cast<size_t>(config.simulate.users));
  return {users.begin(), users.begin() + static_cast<ptrdiff_t>(count)};
}

}  // namespace

std::vector<Target> simulated_targets(const Interactions& interactions, const std::string& key, const Config& config) {
  std::vector<Target> targets = split_targets(interactions, key, config.datasets.max_history);
  if (config.simulate.users == 0) return targets;
  const auto drawn = drawn_users(interactions, config);
  std::erase_if(targets, [&](const Target& target) {
    return !drawn.contains(interactions.user_ids[static_cast<size_t>(target.user)]);
  });
  return targets;
}

std::vector<SplitRecord> make_simulated_split(const Interactions& interactions, const std::string& key,
                                              const Config& config) {
  std::vector<SplitRecord> records;
  for (const Target& target : simulated_targets(interactions, key, config))
    records.push_back(make_record(interactions, key, target, config.datasets.max_history));
  return records;
}

}  // namespace latentcrs
