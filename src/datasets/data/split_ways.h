// The ways to divide users' sequences into training, validation and test (docs/method.md, section 3).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "base/config/dataset_options.h"
#include "datasets/data/interactions.h"
#include "datasets/data/part_times.h"
#include "datasets/data/preprocess.h"

namespace latentcrs {

/// Divides a user's sequence of `length` items; `times` [length], ascending, or empty for a dataset without times.
using Divide = std::function<UserParts(size_t length, std::span<const int64_t> times)>;

/// What a way may look at before it divides.
struct SequencesToDivide {
  std::span<const int64_t> times = {};  ///< of all interactions in any order, as Sequences::times
  int64_t ticks_per_second = 0;         ///< of `times`; 0: the dataset has none
};

/// A way to divide. A new one is an object in kSplitWays, and its name goes into kSplitNames.
struct SplitWay {
  std::string_view name;  ///< value of datasets.split.by
  bool needs_times = false;
  bool parts_are_given = false;  ///< times are those of datasets/data/part_times.h
  /// Throws Error(config) or Error(data) for settings that do not fit the data; nullptr: nothing is written, and
  /// readers take leave-one-out.
  Divide (*make)(const SplitOptions& options, const SequencesToDivide& all) = nullptr;
};

/// In the order of SplitBy.
extern const std::array<SplitWay, kSplitNames.size()> kSplitWays;

const SplitWay& split_way(const SplitOptions& options);

/// The function that divides; empty for leave-one-out. Throws Error(config) for a dataset without times where they are
/// needed.
Divide make_divide(const SplitOptions& options, const SequencesToDivide& all);

/// Counts the parts. Throws Error(data) if nothing is left to train on, or no target of validation or test.
SplitCounts count_split(const Interactions& interactions);

/// train, valid and test under their usual names ("training", "val", "dev", …); nullopt for other texts.
std::optional<Part> part_named(std::string_view text);

}  // namespace latentcrs
