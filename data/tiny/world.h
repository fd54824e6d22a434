// A small invented world with known truth: items belong to intents, and users follow one or two intents, session by
// session. The next item is therefore not certain from the history, and a word about the current intent helps.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/util/random.h"
#include "words.h"

namespace latentcrs::tiny {

struct WorldOptions {
  std::string name;
  const std::vector<Intent>& intents;
  size_t users = 300;
  size_t items = 160;
  size_t most_ratings = 40;  ///< of one user
};

struct TinyItem {
  size_t intent = 0;
  std::string name;
  int year = 0;
  Strings facets;
};

struct TinyRating {
  size_t user = 0;
  size_t item = 0;
  int stars = 0;
  int64_t seconds = 0;  ///< since 1970
};

struct World {
  size_t num_intents = 0;
  std::vector<TinyItem> items;
  std::vector<std::vector<size_t>> user_intents;
  std::vector<TinyRating> ratings;  ///< user by user, oldest first
};

inline Rng stream(const WorldOptions& options, const std::string& what) {
  constexpr uint64_t kSeed = 20250310;
  return Rng(derive_seed(kSeed, "tiny-" + options.name + "-" + what));
}

inline std::vector<TinyItem> make_items(const WorldOptions& options) {
  Rng rng = stream(options, "items");
  Strings names;
  for (const std::string& adjective : adjectives()) {
    for (const std::string& noun : nouns()) names.push_back(adjective + " " + noun);
  }
  rng.shuffle(names);
  std::vector<TinyItem> items;
  for (size_t i = 0; i < options.items; ++i) {
    const size_t intent = i % options.intents.size();
    const Intent& wanted = options.intents[intent];
    const int decade = wanted.decade > 0 ? wanted.decade : 1950 + 10 * static_cast<int>(rng.below(5));
    items.push_back({intent, names[i], decade + static_cast<int>(rng.below(10)), wanted.facets});
    if (rng.uniform() < 0.15) {  // a facet of another intent, as in real catalogues
      const std::string& other = options.intents[rng.below(options.intents.size())].facets.back();
      Strings& facets = items.back().facets;
      if (std::find(facets.begin(), facets.end(), other) == facets.end()) facets.push_back(other);
    }
  }
  return items;
}

/// Draws an item of `intent` that is not in `seen`, popular items more often; returns items.size() if all were seen.
inline size_t choose_item(const std::vector<TinyItem>& items, size_t intent, const std::vector<bool>& seen, Rng& rng) {
  std::vector<size_t> candidates;
  std::vector<double> cumulated;
  double total = 0;
  double popularity_rank = 1;
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].intent != intent) continue;
    popularity_rank += 1;
    if (seen[i]) continue;
    candidates.push_back(i);
    cumulated.push_back(total += 1 / popularity_rank);
  }
  const double draw = rng.uniform() * total;
  for (size_t c = 0; c < candidates.size(); ++c) {
    if (draw < cumulated[c]) return candidates[c];
  }
  return items.size();
}

inline int draw_stars(bool in_intent, Rng& rng) {
  const double draw = rng.uniform();
  if (in_intent) return draw < 0.5 ? 5 : draw < 0.9 ? 4 : draw < 0.97 ? 3 : 2;
  return draw < 0.1 ? 4 : draw < 0.5 ? 3 : draw < 0.8 ? 2 : 1;
}

inline void rate(World& world, size_t user, size_t count, Rng& rng) {
  constexpr int64_t kStart = 978'300'000;
  constexpr int64_t kDay = 86'400;
  const std::vector<size_t>& intents = world.user_intents[user];
  std::vector<bool> seen(world.items.size());
  int64_t time = kStart + static_cast<int64_t>(rng.below(300)) * kDay;
  size_t current = intents[0];
  size_t session_left = 0;
  for (size_t i = 0; i < count; ++i) {
    if (session_left == 0) {
      current = intents[rng.below(intents.size())];
      session_left = 1 + rng.below(3);
      time += kDay * static_cast<int64_t>(1 + rng.below(30));
    }
    --session_left;
    const bool stray = rng.uniform() < 0.1;
    const size_t wanted = stray ? rng.below(world.num_intents) : current;
    const size_t item = choose_item(world.items, wanted, seen, rng);
    if (item == world.items.size()) continue;
    seen[item] = true;
    if (rng.uniform() > 0.05)
      time += static_cast<int64_t>(60 + rng.below(7200));  // otherwise two ratings have the same time
    world.ratings.push_back({user, item, draw_stars(wanted == current, rng), time});
  }
}

inline World make_world(const WorldOptions& options) {
  World world{.num_intents = options.intents.size(), .items = make_items(options), .user_intents = {}, .ratings = {}};
  Rng rng = stream(options, "users");
  for (size_t user = 0; user < options.users; ++user) {
    std::vector<size_t> intents = {rng.below(world.num_intents)};
    const size_t other = (intents[0] + 1 + rng.below(world.num_intents - 1)) % world.num_intents;
    if (rng.uniform() < 0.7) intents.push_back(other);
    world.user_intents.push_back(intents);
    const bool casual = rng.uniform() < 0.06;  // too few ratings to be kept
    const size_t count = casual ? 2 + rng.below(3) : 7 + rng.below(options.most_ratings - 6);
    rate(world, user, count, rng);
  }
  return world;
}

}  // namespace latentcrs::tiny
