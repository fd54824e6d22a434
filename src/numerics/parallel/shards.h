// A batch cut into a fixed number of shards, which the processes share: what is computed of a shard does not depend on
// their number.
#pragma once

#include "numerics/parallel/processes.h"

namespace latentcrs {

/// V shards, a power of two. Each process has a run of them.
class Shards {
 public:
  /// Throws as check() does.
  Shards(Processes& processes, int count) : processes_(&processes), count_(count) { check(processes.size(), count); }
  /// Throws Error(config) naming the setting data_shards if there are more processes than shards.
  static void check(int processes, int count);

  int count() const { return count_; }
  Processes& processes() const { return *processes_; }
  /// The shards of a process, and of this one.
  Part of(int rank) const { return part_of(count_, rank, processes_->size()); }
  Part own() const { return of(processes_->rank()); }
  /// The elements of a shard where a batch has `size` elements. A shard of a small batch may be empty.
  Part elements(int64_t shard, int64_t size) const { return part_of(size, shard, count_); }
  /// The elements of all shards of each process.
  std::vector<Part> elements_by_rank(int64_t size) const;

 private:
  Processes* processes_;
  int count_;
};

}  // namespace latentcrs
