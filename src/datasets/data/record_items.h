// The items of a dataset of records: which there are, and their rows of the features TSV.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/data/raw_ratings.h"
#include "datasets/data/record_preset.h"

namespace latentcrs {

/// The columns of the features TSV.
inline constexpr FeatureColumns kRecordColumns = {.facet_separator = '|', .year = "year"};

class RecordItems {
 public:
  RecordItems(const PreprocessJob& job, const RecordsPreset& preset, const RecordFields& fields)
      : job_(job), preset_(preset), fields_(fields) {}

  /// Fills the counts of `report` that are about the metadata.
  KnownItems read(PreprocessReport& report) const;
  /// Writes a row for the first entry of each item whose id, by `id_of`, is not 0. Returns the number of rows.
  int64_t write(std::ostream& out, const std::function<int32_t(std::string_view)>& id_of,
                PreprocessReport& report) const;
  /// Reads the metadata once more: the item and then `fields`.
  std::unique_ptr<RecordReader> open(const std::vector<WantedField>& fields) const;

 private:
  std::string genres(const RecordField& field) const;
  std::string further_field(const std::string& name, const RecordField& field) const;

  const PreprocessJob& job_;
  const RecordsPreset& preset_;
  const RecordFields& fields_;
};

}  // namespace latentcrs
