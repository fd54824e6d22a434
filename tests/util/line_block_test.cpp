// Files read in blocks of whole lines.
#include <algorithm>
#include <catch2/catch.hpp>

#include "base/util/files.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;

TEST_CASE("LineReader gives blocks of whole lines, after single ones", "[files]") {
  const TempDir dir;
  std::string text = "\xEF\xBB\xBFheader\r\n";
  for (int line = 0; line < 100'000; ++line) text += std::to_string(line) + "\n";
  text += std::string(1'000'000, 'x') + "\nlast";
  write_text(dir / "file", text);
  LineReader reader(dir / "file");
  std::string_view line;
  REQUIRE(reader.next(line));
  CHECK(line == "header");
  std::string joined;
  int64_t lines = 1, blocks = 0;
  for (LineBlock block; reader.next_block(block); ++blocks) {
    CHECK(block.first_line == lines + 1);
    REQUIRE(block.bytes.size() >= block.size + kLinePadding);
    const std::string_view bytes(block.bytes.data(), block.size);
    CHECK((bytes.ends_with('\n') || bytes.ends_with("\nlast") || bytes == "last"));
    lines += std::count(bytes.begin(), bytes.end(), '\n');
    joined += bytes;
  }
  CHECK(joined == text.substr(11));
  CHECK(blocks >= 3);
  CHECK(reader.line_number() == 100'003);
  CHECK_FALSE(reader.next(line));

  write_text(dir / "empty", "");
  LineReader empty(dir / "empty");
  LineBlock block;
  CHECK_FALSE(empty.next_block(block));
  write_text(dir / "packed", "\x1F\x8B");
  LineReader packed(dir / "packed");
  CHECK_THROWS(packed.next_block(block));
}
