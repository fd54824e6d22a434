// The beginning of a raw file, as the recognisers look at it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/data/record_columns.h"

namespace latentcrs {

struct FileSample {
  std::filesystem::path path = {};
  std::string name = {};                ///< of the file in lower case, without .gz
  std::vector<std::string> lines = {};  ///< the first ones that are not blank, without their ends
  bool whole = false;                   ///< these are all lines
  bool parquet = false;                 ///< a table in Parquet; there are no lines
  bool byte_order_mark = false;
  bool carriage_returns = false;
};

/// At most 5000 lines and 4 MB. Throws Error(data) for a file that cannot be read, and for a folder.
FileSample sample_file(const std::filesystem::path& path);

/// The lines of a sample as rows of a table.
struct SampleTable {
  std::string separator;
  std::vector<std::vector<std::string>> rows;  ///< fields without blanks at their ends

  size_t width() const { return rows.empty() ? 0 : rows[0].size(); }
  /// Whether all rows but a few have as many fields as the first one, at least `columns` of them.
  bool is_regular(size_t columns) const;
};

SampleTable split_sample(const FileSample& sample, std::string_view separator, Quoting quoting);

/// The texts of a column in all rows from `first_row` on that have it.
std::vector<std::string> column_of(const SampleTable& table, size_t column, size_t first_row);

}  // namespace latentcrs
