// Ratings and known items as they are read from the raw files of a dataset of ratings.
#pragma once

#include <vector>

#include "datasets/data/kcore.h"
#include "datasets/data/string_table.h"

namespace latentcrs {

struct RawRatings {
  StringTable users;
  StringTable items;
  RatingLog kept;  ///< ratings of at least min_rating, in file order
};

/// The items that have an entry in the metadata, and which of these have a description.
struct KnownItems {
  StringTable ids;
  std::vector<bool> described;  ///< [ids.size()]
};

}  // namespace latentcrs
