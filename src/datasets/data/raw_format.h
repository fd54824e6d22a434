// Raw formats: an object for each form in which datasets are published (datasets.format).
#pragma once

#include <array>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/data/interactions.h"
#include "datasets/data/preprocess.h"

namespace latentcrs {

/// The columns of the item features file that an item is made of, beside its id.
struct FeatureColumns {
  const char* title = "title";
  const char* facets = "categories";
  const char* description = "description";  ///< nullptr: the file has none
  char facet_separator = ',';
  bool year_in_title = false;  ///< titles end with the year in parentheses
  const char* year = nullptr;  ///< a column of the year; nullptr: the file has none
};

class RecordReader;
struct WantedField;

/// The files of one dataset, on their way through preprocess(). The functions are called once each, in this order.
class RawDataset {
 public:
  virtual ~RawDataset() = default;
  /// Reads and filters. Fills the counts of `report` that are about the raw files and the filters.
  virtual Interactions interactions(PreprocessReport& report) = 0;
  /// Writes the item features file, and returns its rows. Called only if there is a metadata file.
  virtual int64_t write_features(std::ostream& out, PreprocessReport& report) = 0;
  /// Writes the times of the result's interactions (datasets/data/sequence_times.h). False, and no file, if there are
  /// none.
  virtual bool write_times(const std::filesystem::path& path) const {
    static_cast<void>(path);
    return false;
  }
  /// Writes which raw ids became which ids, where ids change.
  virtual void write_id_maps(const std::filesystem::path& folder) const = 0;
  /// The raw ids of the items by their ids in the result; empty where ids do not change.
  virtual std::vector<std::string> raw_item_ids() const { return {}; }
  /// Reads the metadata once more: the raw id of an item, and then `fields`. nullptr where the metadata have no other
  /// fields than those that the format reads.
  virtual std::unique_ptr<RecordReader> open_items(const std::vector<WantedField>& fields) const;
};

/// A raw format. A new one is a preset of records (datasets/data/record_presets.cpp) or, if its files are no records,
/// defined in a source of its own and added to kRawFormats; its name is added to kDatasetFormats.
struct RawFormat {
  std::string_view name;          ///< value of datasets.format
  std::string_view where_to_get;  ///< for people who lack a dataset of the format
  FeatureColumns columns;
  const char* file_beside_items = nullptr;  ///< read too where it lies beside the metadata: u.genre
  /// Throws Error(config) for settings that do not fit the format; nullptr: all fit.
  void (*check)(const DatasetOptions& options) = nullptr;
  /// `job` must outlive the dataset.
  std::unique_ptr<RawDataset> (*open)(const PreprocessJob& job) = nullptr;
};

extern const RawFormat kMovieLensFormat, kAmazonFormat, kSequencesFormat;
/// The presets of records.
inline constexpr size_t kNumRecordFormats = kDatasetFormats.size() - kFormatsOfTheirOwn;
extern const RawFormat kRecordFormats[kNumRecordFormats];
/// All of them, in the order of kDatasetFormats (base/config/dataset_options.h).
inline constexpr std::array kRawFormats = [] {
  std::array<const RawFormat*, kDatasetFormats.size()> all = {&kMovieLensFormat, &kAmazonFormat, &kSequencesFormat};
  for (size_t i = 0; i < kNumRecordFormats; ++i) all[kFormatsOfTheirOwn + i] = &kRecordFormats[i];
  return all;
}();

/// Throws Error(internal) for an unknown name.
const RawFormat& raw_format(const std::string& name);

/// The file beside the metadata that the format reads too; empty if there is none.
std::filesystem::path file_beside_items(const std::string& format, const std::filesystem::path& metadata);

}  // namespace latentcrs
