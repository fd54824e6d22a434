// Files whose end is missing.
#pragma once

#include <filesystem>

namespace latentcrs {

/// Warns where the last line of a file has no end: a file that was cut off has a shorter number there, which reads as
/// another item or time. Many whole files lack it too, so it is no error. Of a compressed file nothing is said: its
/// checksum shows what is missing.
void warn_of_open_last_line(const std::filesystem::path& path);

}  // namespace latentcrs
