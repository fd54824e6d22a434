// Recognising the format of a file from its beginning: an object for each raw format.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/config/dataset_options.h"
#include "datasets/data/file_sample.h"

namespace latentcrs {

enum class FileRole {
  interactions,
  items,
  genres,      ///< names of the genres, which the reader finds beside the items
  ignored,     ///< a further file of a dataset, which is not needed
  dialogues,   ///< an input of `evaluate`, not of `preprocess`
  unreadable,  ///< recognised, but in a form that no reader takes
};

/// One way to take a file.
struct Reading {
  FileRole role = FileRole::interactions;
  DatasetOptions options = {};  ///< format, columns, separator, time unit, … as the file tells them
  std::string meaning = {};     ///< "ratings of MovieLens 100K: tabs, no header, …"
  /// Of an item file: the formats of interactions that it goes with. Of interactions: empty.
  std::vector<std::string_view> goes_with = {};
  /// Of interactions whose format needs an item file: the format that does without one.
  std::string without_items = {};
  bool named = true;  ///< of interactions: names or forms tell the user and the item, not what else is left
  std::map<std::string, std::string> notes = {};  ///< setting below `datasets` -> how its value was found
  std::vector<std::string> findings = {};         ///< further sentences to say
};

/// What recognises the files of a raw format.
struct Recogniser {
  std::string_view format;  ///< one of kDatasetFormats, or a name for files that no reader takes
  /// Adds the readings that fit; several if nothing in the file says which is right.
  void (*recognise)(const FileSample& sample, std::vector<Reading>& readings);
};

/// Recognisers of forms that nothing else has, by source.
extern const std::span<const Recogniser> kJsonRecognisers, kTableRecognisers, kLogRecognisers, kListRecognisers;
/// Recognisers of any table and any JSON lines, which are asked where no other one fits.
extern const std::span<const Recogniser> kGeneralRecognisers;

/// The readings of a file, none if nothing fits. `readings.size() > 1`: nothing in the file says which is right.
std::vector<Reading> recognise(const FileSample& sample);

}  // namespace latentcrs
