// CRC-32C (Castagnoli): the checksum of Cloud Storage and of TFRecord files.
#pragma once

#include <cstdint>
#include <string_view>

namespace latentcrs {

/// Continues `crc` over `bytes`; start with 0.
uint32_t crc32c(uint32_t crc, std::string_view bytes);

}  // namespace latentcrs
