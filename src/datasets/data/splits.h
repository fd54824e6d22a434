// The splits: the part of each user's history that a prompt is about (docs/method.md, section 5), and the multi-turn
// sample.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "datasets/data/interactions.h"
#include "datasets/data/targets.h"

namespace latentcrs {

/// One (history, target) pair. `customer_id` is "<user>_<raw|selection>_<key>"; of a user's further targets in one
/// split
/// "<user>_raw_2_test", "<user>_raw_3_test", …, counted in the user's part of the sequence.
struct SplitRecord {
  std::string customer_id;
  int64_t user = 0;              ///< the file's user id
  std::vector<int32_t> history;  ///< at most max_history - 1 raw item ids, oldest first
  int32_t target = 0;
};

/// key: "raw", "valid", "test", or the decimal seed of a selection split. Records in file order of the users. raw
/// ends with the last item trained on; valid and test have a record for each target. A selection ends where CPython's
/// generator says (the draws of the fixture simulation_splits.json), never on a target of valid or test, and leaves out
/// users with fewer than max_history / 3 items, counting those trained on and two more. Users without an item to train
/// on have no record in raw and selections. max_history >= 3 counts the target. Throws Error(config) for any other key.
std::vector<SplitRecord> make_split(const Interactions& interactions, const std::string& key, int max_history);

/// The targets of the records of make_split(), in its order. They take 16 bytes each, where records take hundreds.
std::vector<Target> split_targets(const Interactions& interactions, const std::string& key, int max_history);
/// The record of a split that has this target.
SplitRecord make_record(const Interactions& interactions, const std::string& key, const Target& target,
                        int max_history);

/// All items that the user in row `row` had before the target of a record of "raw", "valid" or "test", of which the
/// record keeps the last ones. The record's customer_id says which target it is. Throws Error(internal) for a
/// selection, whose target is drawn, and for a target that the user does not have.
std::span<const int32_t> items_before_target(const Interactions& interactions, int64_t row, const SplitRecord& record);

/// "raw" for raw, valid and test, "selection" otherwise.
std::string split_kind(const std::string& key);

/// "<name>_<raw|selection>_seed<key>": the published stem of a split's files.
std::string split_stem(const std::string& dataset_name, const std::string& key);

/// The order of processed files: by kind, then key, then user. Multi-turn users are drawn from records in this order.
bool processed_before(const SplitRecord& a, const SplitRecord& b);
/// The indices of a split's targets, so that their records have that order.
std::vector<size_t> processed_order(const Interactions& interactions, const std::string& key,
                                    std::span<const Target> targets);

/// Indices that random.seed(seed); random.sample(records, count) picks, in its order; count is clamped to num_records.
std::vector<int64_t> multi_turn_sample(int64_t num_records, int64_t count, int64_t seed);

}  // namespace latentcrs
