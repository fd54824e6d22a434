// The people and makers that items belong to (cast, director, author, artist, brand), by which users may ask for them:
// `<name>_names.tsv` beside the item features (datasets.item_names, datasets.names_from).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "datasets/data/interactions.h"
#include "datasets/data/item_catalogue.h"
#include "datasets/data/preprocess.h"
#include "datasets/data/record_reader.h"

namespace latentcrs {

/// The names that a field holds: the texts of a list, or those between `|` and `;`. Brackets and what shops append
/// ("Format: Audio CD") are taken off. Texts without a letter, or of more than 80 bytes, are no names.
std::vector<std::string> names_in(const RecordField& field);

/// Collects the names of the items of a dataset.
class ItemNames {
 public:
  /// `raw_ids`: RawDataset::raw_item_ids(). `counts` says how often each item occurs in `result`.
  ItemNames(const Interactions& result, const std::vector<std::string>& raw_ids);

  /// Takes the fields after the first one, which is the item's raw id. Entries of other items do not count. Throws
  /// Error(data) for a field that no entry has.
  void read_metadata(RecordReader& items);
  /// Takes a table with a column `names` (or a field, of JSON lines) and `item`, the raw id, or `title`, with `year` or
  /// without, as the dataset writes it. Lines that do not count are counted in `report.dropped`. Throws Error(data) for
  /// a file without these columns, and for one that is about no item of the dataset.
  void read_file(const std::filesystem::path& path, const ItemCatalogue& catalogue, PreprocessReport& report);
  /// Writes a line for each item that has names, and says in `report.remarks` how many there are.
  void write(const std::filesystem::path& path, const DatasetOptions& options, PreprocessReport& report) const;

 private:
  void add(int32_t item, std::vector<std::string> names);
  int32_t item_of(std::string_view raw) const;

  std::unordered_map<std::string, int32_t> ids_;  // by raw id
  std::unordered_map<int32_t, int64_t> counts_;   // interactions of each item
  std::map<int32_t, std::vector<std::string>> names_;
};

/// The file that write() makes in the folder of the item features.
std::filesystem::path item_names_file(const std::filesystem::path& folder, const DatasetOptions& options);

/// The names by the dataset's ids. Throws Error(data) with file:line for a line that write() cannot have made.
std::unordered_map<int64_t, std::vector<std::string>> read_item_names(const std::filesystem::path& path);

}  // namespace latentcrs
