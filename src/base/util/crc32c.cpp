#include "base/util/crc32c.h"

#include <array>
#include <cstddef>
#include <vector>

#include "base/util/open_file.h"

namespace latentcrs {

namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // Castagnoli's, reflected

/// tables[k][b]: the register after byte b and k zero bytes. Eight of them take eight bytes a step (M. Kounavis and F.
/// Berry, "A systematic approach to building high performance software-based CRC generators", 2005).
constexpr auto kTables = [] {
  std::array<std::array<uint32_t, 256>, 8> tables{};
  for (uint32_t b = 0; b < 256; ++b) {
    uint32_t value = b;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
    tables[0][b] = value;
  }
  for (size_t k = 1; k < 8; ++k)
    for (size_t b = 0; b < 256; ++b) tables[k][b] = (tables[k - 1][b] >> 8) ^ tables[0][tables[k - 1][b] & 255];
  return tables;
}();

}  // namespace

uint32_t crc32c(uint32_t crc, std::string_view bytes) {
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t left = bytes.size();
  crc = ~crc;
  for (; left >= 8; left -= 8, data += 8) {
    const uint32_t low = crc ^ (data[0] | data[1] << 8 | data[2] << 16 | static_cast<uint32_t>(data[3]) << 24);
    crc = kTables[7][low & 255] ^ kTables[6][low >> 8 & 255] ^ kTables[5][low >> 16 & 255] ^ kTables[4][low >> 24] ^
          kTables[3][data[4]] ^ kTables[2][data[5]] ^ kTables[1][data[6]] ^ kTables[0][data[7]];
  }
  for (; left > 0; --left) crc = (crc >> 8) ^ kTables[0][(crc ^ *data++) & 255];
  return ~crc;
}

uint32_t crc32c_of_file(const std::filesystem::path& path) {
  OpenFile file(path);
  std::vector<char> block(size_t{1} << 20);
  uint32_t crc = 0;
  while (const size_t got = file.read(block.data(), block.size())) crc = crc32c(crc, {block.data(), got});
  return crc;
}

}  // namespace latentcrs
