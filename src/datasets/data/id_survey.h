// What is odd about the ids of a dataset's rows: written in two ways, or without an entry in the metadata.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "datasets/data/alike_ids.h"
#include "datasets/data/file_lines.h"
#include "datasets/data/preprocess.h"
#include "datasets/data/raw_ratings.h"

namespace latentcrs {

class IdSurvey {
 public:
  /// As StringTable::intern(); `line` counts through all files (FileLines).
  uint32_t intern_user(StringTable& users, std::string_view id, uint64_t hash, int64_t line);
  uint32_t intern_item(StringTable& items, std::string_view id, uint64_t hash, int64_t line);

  /// Both warn, and throw Error(data) above the limit in datasets.limits.
  void check_alike(const RawRatings& ratings, const FileLines& places, const BadInputLimits& limits,
                   PreprocessReport& report) const;
  void check_unknown_items(const RawRatings& ratings, const KnownItems& known, const FileLines& places,
                           const PreprocessJob& job, PreprocessReport& report) const;

 private:
  AlikeIds users_, items_;
  std::vector<int64_t> item_lines_;  ///< [raw item] where each stands first
};

}  // namespace latentcrs
