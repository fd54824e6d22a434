// Raw formats: an object for each form in which datasets are published (datasets.format).
#pragma once

#include <array>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "data/interactions.h"
#include "data/preprocess.h"

namespace latentcrs {

/// The columns of the item features file that an item is made of, beside its id.
struct FeatureColumns {
  const char* title = "title";
  const char* facets = "categories";
  const char* description = "description";  ///< nullptr: the file has none
  char facet_separator = ',';
  bool year_in_title = false;  ///< titles end with the year in parentheses
};

/// The files of one dataset, on their way through preprocess(). The functions are called once each, in this order.
class RawDataset {
 public:
  virtual ~RawDataset() = default;
  /// Reads and filters. Fills the counts of `report` that are about the raw files and the filters.
  virtual Interactions interactions(PreprocessReport& report) = 0;
  /// Writes the item features file, and returns its rows. Called only if there is a metadata file.
  virtual int64_t write_features(std::ostream& out, PreprocessReport& report) = 0;
  /// Writes which raw ids became which ids, where ids change.
  virtual void write_id_maps(const std::filesystem::path& folder) const = 0;
};

/// A raw format. A new one is defined in a source of its own and added to kRawFormats and kDatasetFormats.
struct RawFormat {
  std::string_view name;          ///< value of datasets.format
  std::string_view where_to_get;  ///< for people who lack a dataset of the format
  FeatureColumns columns;
  /// Throws Error(config) for settings that do not fit the format; nullptr: all fit.
  void (*check)(const DatasetOptions& options) = nullptr;
  /// `job` must outlive the dataset.
  std::unique_ptr<RawDataset> (*open)(const PreprocessJob& job) = nullptr;
};

extern const RawFormat kMovieLensFormat, kAmazonFormat, kSequencesFormat;
/// All of them, in the order of kDatasetFormats (config/dataset_options.h).
inline constexpr std::array kRawFormats = {&kMovieLensFormat, &kAmazonFormat, &kSequencesFormat};

/// Throws Error(internal) for an unknown name.
const RawFormat& raw_format(const std::string& name);

}  // namespace latentcrs
