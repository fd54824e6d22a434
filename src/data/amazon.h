// The files of Amazon Reviews 2023: <Category>.jsonl and meta_<Category>.jsonl.
#pragma once

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "data/raw_ratings.h"

namespace latentcrs {

struct ReviewOptions {
  double min_rating = 4;
  std::string item_key = "parent_asin";  ///< field that names the item
};

/// Fills the counts of `report` that are about ratings.
RawRatings read_amazon_reviews(const std::filesystem::path& path, const ReviewOptions& options,
                               PreprocessReport& report);

/// The parent_asin of every metadata entry. An item is described if the first element of `description` is not blank.
KnownItems read_amazon_items(const std::filesystem::path& path, PreprocessReport& report);

/// The ids given to a dataset's items.
struct ItemIds {
  const StringTable& items;
  const std::vector<int32_t>& ids;  ///< [items.size()], 0 for an item without id
};

/// Writes the features TSV: a row for the first metadata entry of every item that has an id, in the order of the
/// metadata. Returns the number of rows. `report` counts the entries that were changed, and those that are sound as far
/// as read_amazon_items() reads them and no further, so that their items have no row.
int64_t write_amazon_features(const std::filesystem::path& metadata_path, const DatasetOptions& options,
                              const ItemIds& ids, std::ostream& out, PreprocessReport& report);

}  // namespace latentcrs
