#include "base/util/crc32c.h"

#include <catch2/catch.hpp>
#include <string>

#include "base/util/error.h"
#include "base/util/files.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using latentcrs::test::TempDir;

TEST_CASE("CRC-32C as in RFC 3720", "[crc32c]") {
  CHECK(crc32c(0, "") == 0);
  CHECK(crc32c(0, "123456789") == 0xe3069283);
  CHECK(crc32c(0, std::string(32, '\0')) == 0x8a9136aa);
  CHECK(crc32c(0, std::string(32, '\xff')) == 0x62a8ab43);
}

TEST_CASE("a checksum goes on where another one ended", "[crc32c]") {
  const std::string text = "a text of no particular length";
  for (size_t cut = 0; cut <= text.size(); ++cut)
    CHECK(crc32c(crc32c(0, text.substr(0, cut)), text.substr(cut)) == crc32c(0, text));
}

TEST_CASE("the checksum of a file is that of its bytes", "[crc32c]") {
  const TempDir dir;
  const std::string bytes((size_t{1} << 20) + 5, 'x');  // more than one block
  write_file_atomically(dir / "file", bytes);
  CHECK(crc32c_of_file(dir / "file") == crc32c(0, bytes));
  write_file_atomically(dir / "empty", "");
  CHECK(crc32c_of_file(dir / "empty") == 0);
  CHECK_THROWS_AS(crc32c_of_file(dir / "absent"), Error);
}
