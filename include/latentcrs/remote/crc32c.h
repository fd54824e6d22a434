// CRC-32C (Castagnoli), Cloud Storage's checksum.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace latentcrs {

/// Of what `crc` is of, followed by `bytes`; start with 0.
uint32_t crc32c(uint32_t crc, std::string_view bytes);
/// Base64 of the four bytes, most significant first, as in object metadata: "AAAAAA==" for nothing.
std::string crc32c_text(uint32_t crc);
/// Of a whole file. Throws Error(data) if it cannot be read.
std::string crc32c_of_file(const std::filesystem::path& path);

}  // namespace latentcrs
