// Filters of users' sequences: by item, by length, and by both until nothing changes (the k-core).
#pragma once

#include <cstdint>
#include <vector>

#include "base/config/dataset_options.h"
#include "datasets/data/preprocess.h"
#include "datasets/data/rating_log.h"

namespace latentcrs {

/// Sequences of users 0..U-1 in one block of memory; filtered users keep their place with an empty sequence.
struct Sequences {
  std::vector<size_t> offsets = {0};  ///< [U + 1]
  std::vector<uint32_t> items;
  std::vector<int64_t> times;

  size_t num_users() const { return offsets.size() - 1; }
};

/// Each user's ratings in file order.
Sequences group_by_user(RatingLog ratings, size_t num_users);

/// One pass of the filter: it keeps items with keep_item[item], then users with at least min_length of these items.
/// Returns the number of users that had a sequence and lost it.
int64_t filter(Sequences& sequences, const std::vector<bool>& keep_item, size_t min_length);

struct KCoreOptions {
  int min_user = 5;
  int min_item = 5;    ///< 0: items are not filtered
  int max_passes = 0;  ///< 0: until nothing changes
};

/// Each pass finds the items with at least min_item interactions, drops the others from every user, and then drops the
/// users left with fewer than min_user. With max_passes, exactly that many passes run. Returns the counts that each
/// pass left.
std::vector<KCorePass> kcore(Sequences& sequences, size_t num_items, const KCoreOptions& options);

/// The users, items and interactions that are there.
KCorePass count_sequences(const Sequences& sequences, size_t num_items);

/// Keeps one of a user's interactions with an item, in the order of the sequence. Returns the number of interactions
/// left out.
int64_t drop_repeats(Sequences& sequences, Repeats which);

/// Stable: ties keep their order, or with Ties::reversed the reverse of it.
void sort_by_time(Sequences& sequences, Ties ties = Ties::file_order);

}  // namespace latentcrs
