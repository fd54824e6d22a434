#include "../../src/tensor/zip_store.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "latentcrs/util/error.h"

using namespace latentcrs;
using Catch::Matchers::Contains;

// The large form (64-bit sizes and offsets) is used from 4 GiB on; with a limit of 0 a small archive takes it too.
TEST_CASE("archives are read back, in the small and in the large form", "[zip]") {
  uint64_t zip64_from = GENERATE(ZipWriter::kZip64From, uint64_t{0});
  const std::map<std::string, std::string> contents = {
      {"a/data.pkl", "pickle"}, {"a/data/0", std::string(1000, 'x')}, {"a/empty", ""}};
  std::ostringstream out;
  ZipWriter writer(out, zip64_from);
  for (const auto& [name, bytes] : contents) writer.add(name, bytes);
  writer.finish();

  std::string archive = out.str();
  ZipReader reader(archive, "a.pt");
  REQUIRE(reader.records().size() == contents.size());
  for (const auto& [name, bytes] : contents) {
    CHECK(reader.record(name) == bytes);
    CHECK((reader.record(name).data() - archive.data()) % 64 == 0);
  }
  CHECK_THROWS_WITH(reader.record("a/none"), Contains("a.pt") && Contains("no record a/none"));
  for (size_t size = 0; size < archive.size(); ++size) {
    CHECK_THROWS_AS(ZipReader(std::string_view(archive).substr(0, size), "a.pt"), Error);
  }
}

// CRC-32 of "123456789" is cbf43926, the check value of its catalogue entry.
TEST_CASE("records carry their checksum", "[zip]") {
  std::ostringstream out;
  ZipWriter writer(out);
  writer.add("n", "123456789");
  CHECK(out.str().substr(14, 4) == "\x26\x39\xf4\xcb");
}
