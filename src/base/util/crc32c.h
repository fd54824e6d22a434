// CRC-32C (Castagnoli): the checksum of Cloud Storage and of TFRecord files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace latentcrs {

/// The checksum of earlier bytes, whose checksum is `crc` (0 for none), followed by `bytes`.
uint32_t crc32c(uint32_t crc, std::string_view bytes);
/// The checksum of a whole file. Throws Error(data) if it cannot be read.
uint32_t crc32c_of_file(const std::filesystem::path& path);

}  // namespace latentcrs
