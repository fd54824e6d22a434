// What the preprocessed data of a run says about a user and a target before the target is ranked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

#include "datasets/data/interactions.h"

namespace latentcrs {

class TargetFacts {
 public:
  /// Reads <preprocess>/<dataset_name>.csv and, if it is there, <dataset_name>_parts.tsv. nullopt without the first
  /// one; throws Error(data) with file:line for a damaged one.
  static std::optional<TargetFacts> read(const std::filesystem::path& preprocess, const std::string& dataset_name);

  /// The number of items that the user of a record, "<user>_raw_test" or the like, has before its target. Throws
  /// Error(data) for a user that the data does not have.
  int64_t items_before(const std::string& customer_id) const;
  /// The number of training interactions of an item; 0 for an item that nobody trains on.
  int64_t training_interactions(int64_t item) const;

 private:
  explicit TargetFacts(Interactions interactions);

  Interactions interactions_;
  std::unordered_map<int64_t, int64_t> row_of_user_;
  std::unordered_map<int64_t, int64_t> training_;
};

}  // namespace latentcrs
