#include "datasets/data/kcore.h"

#include <algorithm>
#include <span>
#include <unordered_map>

namespace latentcrs {
namespace {

std::vector<int64_t> count_items(const Sequences& sequences, size_t num_items) {
  std::vector<int64_t> counts(num_items);
  for (const uint32_t item : sequences.items) ++counts[item];
  return counts;
}

}  // namespace

KCorePass count_sequences(const Sequences& sequences, size_t num_items) {
  KCorePass pass;
  for (size_t u = 0; u < sequences.num_users(); ++u) pass.users += sequences.offsets[u + 1] > sequences.offsets[u];
  for (const int64_t count : count_items(sequences, num_items)) pass.items += count > 0;
  pass.interactions = static_cast<int64_t>(sequences.items.size());
  return pass;
}

/// A counting sort, one column after the other, so that each is in memory twice only while it is moved.
Sequences group_by_user(RatingLog ratings, size_t num_users) {
  constexpr size_t kBetweenReleases = size_t{1} << 20;
  constexpr size_t kAhead = 16;  // places of the users after next are loaded into the cache
  Sequences sequences;
  sequences.offsets.assign(num_users + 1, 0);
  const size_t size = ratings.size();
  for (size_t i = 0; i < size; ++i) ++sequences.offsets[ratings.users[i] + 1];
  for (size_t u = 0; u < num_users; ++u) sequences.offsets[u + 1] += sequences.offsets[u];
  std::vector<size_t> next(sequences.offsets.begin(), sequences.offsets.end() - 1);
  sequences.items.resize(size);
  const auto prefetch = [&](size_t i, const auto& column) {
    if (i + 2 * kAhead < size) __builtin_prefetch(&next[ratings.users[i + 2 * kAhead]]);
    if (i + kAhead < size) __builtin_prefetch(column.data() + next[ratings.users[i + kAhead]], 1);
  };
  for (size_t i = 0; i < size; ++i) {
    prefetch(i, sequences.items);
    sequences.items[next[ratings.users[i]]++] = ratings.items[i];
    if (i % kBetweenReleases == 0) ratings.items.release(i);
  }
  ratings.items.clear();
  next.assign(sequences.offsets.begin(), sequences.offsets.end() - 1);
  sequences.times.resize(size);
  ratings.times.consume([&](size_t i, int64_t time) {
    prefetch(i, sequences.times);
    sequences.times[next[ratings.users[i]]++] = time;
    if (i % kBetweenReleases == 0) ratings.users.release(i);
  });
  return sequences;
}

int64_t filter(Sequences& sequences, const std::vector<bool>& keep_item, size_t min_length) {
  int64_t users_lost = 0;
  size_t kept = 0;
  size_t begin = 0;
  for (size_t u = 0; u < sequences.num_users(); ++u) {
    const size_t end = sequences.offsets[u + 1];
    const size_t kept_before = kept;
    for (size_t i = begin; i < end; ++i) {
      if (!keep_item[sequences.items[i]]) continue;
      sequences.items[kept] = sequences.items[i];
      sequences.times[kept] = sequences.times[i];
      ++kept;
    }
    if (kept - kept_before < min_length) {
      users_lost += end > begin;
      kept = kept_before;
    }
    begin = end;
    sequences.offsets[u + 1] = kept;
  }
  sequences.items.resize(kept);
  sequences.times.resize(kept);
  return users_lost;
}

std::vector<KCorePass> kcore(Sequences& sequences, size_t num_items, const KCoreOptions& options) {
  std::vector<KCorePass> passes;
  size_t before = 0;
  do {
    before = sequences.items.size();
    const std::vector<int64_t> counts = count_items(sequences, num_items);
    std::vector<bool> keep(num_items);
    for (size_t item = 0; item < num_items; ++item) keep[item] = counts[item] >= options.min_item;
    filter(sequences, keep, static_cast<size_t>(options.min_user));
    passes.push_back(count_sequences(sequences, num_items));
  } while (options.max_passes > 0 ? passes.size() < static_cast<size_t>(options.max_passes)
                                  : sequences.items.size() < before);
  return passes;
}

int64_t drop_repeats(Sequences& sequences, Repeats which) {
  if (which == Repeats::keep) return 0;
  const size_t before = sequences.items.size();
  std::unordered_map<uint32_t, size_t> place;  // of a user's items: where the one kept lies
  size_t kept = 0, begin = 0;
  for (size_t u = 0; u < sequences.num_users(); ++u) {
    const size_t end = sequences.offsets[u + 1];
    place.clear();
    for (size_t i = begin; i < end; ++i) {
      const auto [found, is_new] = place.emplace(sequences.items[i], i);
      if (!is_new && which == Repeats::last) found->second = i;
    }
    for (size_t i = begin; i < end; ++i) {
      if (place.at(sequences.items[i]) != i) continue;
      sequences.items[kept] = sequences.items[i];
      sequences.times[kept] = sequences.times[i];
      ++kept;
    }
    begin = end;
    sequences.offsets[u + 1] = kept;
  }
  sequences.items.resize(kept);
  sequences.times.resize(kept);
  return static_cast<int64_t>(before - kept);
}

void sort_by_time(Sequences& sequences, Ties ties) {
  std::vector<std::pair<int64_t, uint32_t>> user;
  for (size_t u = 0; u < sequences.num_users(); ++u) {
    const size_t begin = sequences.offsets[u];
    const size_t end = sequences.offsets[u + 1];
    const auto times = std::span(sequences.times).subspan(begin, end - begin);
    if (ties == Ties::file_order && std::is_sorted(times.begin(), times.end())) continue;
    user.clear();
    for (size_t i = begin; i < end; ++i) user.emplace_back(sequences.times[i], sequences.items[i]);
    if (ties == Ties::reversed) std::reverse(user.begin(), user.end());
    std::stable_sort(user.begin(), user.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (size_t i = begin; i < end; ++i) {
      sequences.times[i] = user[i - begin].first;
      sequences.items[i] = user[i - begin].second;
    }
  }
}

}  // namespace latentcrs
