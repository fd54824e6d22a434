// CRC-32C as Cloud Storage writes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "util/crc32c.h"

namespace latentcrs {

/// Base64 of the four bytes, most significant first, as in object metadata: "AAAAAA==" for nothing.
std::string crc32c_text(uint32_t crc);
/// Of a whole file. Throws Error(data) if it cannot be read.
std::string crc32c_of_file(const std::filesystem::path& path);

}  // namespace latentcrs
