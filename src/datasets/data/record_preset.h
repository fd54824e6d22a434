// A preset of records: how the files of a published format are read, and which of their fields mean what.
#pragma once

#include <filesystem>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "datasets/data/raw_format.h"
#include "datasets/data/record_reader.h"

namespace latentcrs {

/// Names of fields; several possible ones stand between `|`. Empty: the format has no such field.
struct RecordsPreset {
  std::string_view expected;  ///< "this does not look like …"
  RecordForm form = {};
  std::string_view user = {}, item = {}, rating = {}, time = {};
  TimeUnit time_unit = TimeUnit::automatic;
  double best_rating = 5;              ///< ratings lie in [0, best_rating]
  bool in_order = true;                ///< without times: lines are in order of time
  bool filters_items = true;           ///< the k-core has a minimum for items too
  bool columns_are_set = false;        ///< by datasets.columns; rating and time may be absent
  bool user_ids_begin_with_a = false;  ///< and item ids do not: Amazon's

  std::string_view items_expected = {};
  RecordForm item_form = {};
  std::string_view item_id = {}, title = {}, genres = {}, year = {}, description = {};
  std::string_view genre_separators = {};  ///< a text of genres is split at the first of these characters it has
  bool titles_have_years = false;          ///< "Toy Story (1995)"
  const char* genre_names = nullptr;       ///< a file beside the items that names their flags
};

inline constexpr double kAnyRating = std::numeric_limits<double>::infinity();

/// The preset with the settings `columns` and `separator` in it, and the fields to read.
struct RecordFields {
  RecordForm form, item_form;
  std::vector<WantedField> interactions;  ///< user, item, rating, time; with split.by=column, the part
  std::vector<WantedField> items;         ///< item, title, genres, year, description
};
/// Whether the texts are usual names of the columns of users and items.
bool are_column_names(std::string_view user, std::string_view item);

/// `options` must outlive the result.
RecordFields fields_of(const RecordsPreset& preset, const DatasetOptions& options);

std::unique_ptr<RawDataset> open_records_dataset(const PreprocessJob& job, const RecordsPreset& preset);

}  // namespace latentcrs
