// Files that may have been cut off.
#pragma once

#include <filesystem>
#include <string_view>

namespace latentcrs {

inline constexpr std::string_view kOpenLastLine =
    "the last line has no end; if the file was cut off, its last number is another one";

/// Whether the last line of a file has no line end. A file that was cut off may hold a shorter number there, which
/// reads as another item or time. Many complete files lack the line end too, so it is not an error. A compressed file
/// is not checked, because its checksum shows that a part is missing.
bool has_open_last_line(const std::filesystem::path& path);
/// Warns of it in the log.
void warn_of_open_last_line(const std::filesystem::path& path);

}  // namespace latentcrs
