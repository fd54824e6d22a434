// The negatives of EM's examples: items that a loss compares an example's target with.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "datasets/data/histories.h"
#include "datasets/data/interactions.h"

namespace latentcrs {

/// Draws negatives of examples: uniform over the catalogue without the user's whole sequence and the target, distinct.
/// A draw depends on (seed, epoch, example) only. Items are dense ids.
class ExampleNegatives {
 public:
  /// `users` [n] are the examples' rows of the interactions, `targets` [n] their items. Throws Error(data) naming the
  /// first user who leaves fewer than `count` items to draw from, and the setting that asks for them.
  ExampleNegatives(std::span<const int64_t> users, std::vector<int32_t> targets, const Interactions& interactions,
                   const DenseItems& items, int count, const char* setting = "neg_sample_size");

  int64_t size() const { return static_cast<int64_t>(targets_.size()); }  ///< n
  int64_t count() const { return count_; }                                ///< N
  /// Fills `rows` [m, N] with the negatives of the examples first, first + 1, …. Threads may share the examples.
  void draw(uint64_t seed, uint64_t epoch, int64_t first, std::span<int64_t> rows) const;

 private:
  Histories seen_;                 // of each user who has an example: their distinct items, ascending
  std::vector<int64_t> seen_row_;  // [n] example -> row of seen_
  std::vector<int32_t> targets_;
  int64_t num_items_;
  int64_t count_;
};

}  // namespace latentcrs
