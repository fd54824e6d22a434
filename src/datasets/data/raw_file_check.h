// Files that no raw format reads, recognised before a reader stumbles over them.
#pragma once

#include <filesystem>
#include <string>

namespace latentcrs {

/// Whether a file begins as a Parquet file does.
bool is_parquet(const std::filesystem::path& path);
/// That this program was built without Apache Arrow, and the command that converts the file to CSV.
std::string parquet_advice(const std::filesystem::path& path);

/// Throws Error(data) for a missing file, a folder, a Parquet file that cannot be read, a file whose lines end with CR
/// alone, and a file of dialogues (ReDial), and says what to do instead.
void check_raw_file(const std::filesystem::path& path);

}  // namespace latentcrs
