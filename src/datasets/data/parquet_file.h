// Tables in Parquet, which Apache Arrow reads where the program was built with it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "datasets/data/record_reader.h"

namespace latentcrs {

#ifdef LATENTCRS_ARROW
inline constexpr bool kReadsParquet = true;
#else
inline constexpr bool kReadsParquet = false;
#endif

/// The names of the columns, then at most `most` rows; values as text, lists as Python writes them, times as ISO dates
/// in UTC. Throws Error(data) for a file that cannot be read, and without Arrow.
std::vector<std::vector<std::string>> read_parquet_rows(const std::filesystem::path& path, size_t most);

/// The records of the table, as open_records() gives those of a CSV file with a header. Throws as above.
std::unique_ptr<RecordReader> open_parquet_records(const std::filesystem::path& path, std::vector<WantedField> wanted,
                                                   const std::string& expected);

}  // namespace latentcrs
