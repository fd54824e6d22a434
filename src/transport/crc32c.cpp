#include "transport/crc32c.h"

#include <fmt/format.h>

#include <fstream>
#include <vector>

#include "transport/encoding.h"
#include "util/error.h"

namespace latentcrs {

std::string crc32c_text(uint32_t crc) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(crc >> shift & 255);
  return base64_encode(bytes);
}

std::string crc32c_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> block(size_t{1} << 20);
  uint32_t crc = 0;
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    crc = crc32c(crc, {block.data(), static_cast<size_t>(file.gcount())});
  }
  if (!file.eof()) throw data_error(fmt::format("{}: cannot be read", path.string()));
  return crc32c_text(crc);
}

}  // namespace latentcrs
