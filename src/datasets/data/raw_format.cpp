#include "datasets/data/raw_format.h"

#include <algorithm>

#include "base/util/error.h"
#include "datasets/data/record_reader.h"

namespace latentcrs {

const RawFormat& raw_format(const std::string& name) {
  const auto* const found = std::find_if(kRawFormats.begin(), kRawFormats.end(),
                                         [&](const RawFormat* format) { return format->name == name; });
  if (found == kRawFormats.end()) throw internal_error("unknown dataset format " + name);
  return **found;
}

std::unique_ptr<RecordReader> RawDataset::open_items(const std::vector<WantedField>&) const { return nullptr; }

std::filesystem::path file_beside_items(const std::string& format, const std::filesystem::path& metadata) {
  const char* const name = raw_format(format).file_beside_items;
  if (name == nullptr || metadata.empty()) return {};
  std::filesystem::path path = metadata.parent_path() / name;
  return std::filesystem::exists(path) ? path : std::filesystem::path();
}

}  // namespace latentcrs
