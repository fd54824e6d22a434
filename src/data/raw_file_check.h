// Files that no raw format reads, recognised before a reader stumbles over them.
#pragma once

#include <filesystem>

namespace latentcrs {

/// Throws Error(data) for a missing file, a folder, a Parquet file, and a file of dialogues (ReDial), and says what to
/// do instead.
void check_raw_file(const std::filesystem::path& path);

}  // namespace latentcrs
