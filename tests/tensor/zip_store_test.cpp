#include "numerics/tensor/zip_store.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "base/util/error.h"

using namespace latentcrs;
using Catch::Matchers::Contains;

// The large form (64-bit sizes and offsets) is used from 4 GiB on; with a limit of 0 a small archive takes it too.
TEST_CASE("archives are read back, in the small and in the large form", "[zip]") {
  const uint64_t zip64_from = GENERATE(as<uint64_t>(), ZipWriter::kZip64From, 0);
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

TEST_CASE("a record that comes in pieces is the same as one that comes whole", "[zip]") {
  const uint64_t zip64_from = GENERATE(as<uint64_t>(), ZipWriter::kZip64From, 0);
  std::ostringstream whole, pieces;
  ZipWriter one(whole, zip64_from), other(pieces, zip64_from);
  for (ZipWriter* writer : {&one, &other}) writer->add("a/data.pkl", "pickle");
  one.add("a/data/0", "The numbers come in pieces.");
  other.begin("a/data/0", 27);
  for (const char* piece : {"The num", "", "bers come in pie", "ces."}) other.append(piece);
  other.end();
  for (ZipWriter* writer : {&one, &other}) {
    writer->add("a/version", "3");
    writer->finish();
  }
  CHECK(pieces.str() == whole.str());

  std::ostringstream out;
  ZipWriter cut(out);
  cut.begin("a/data/0", 3);
  cut.append("ab");
  CHECK_THROWS_WITH(cut.end(), Contains("a/data/0: 2 bytes came instead of 3"));
}

// The archive that Python's zipfile makes of 40 times x under the name a/data.pkl with ZIP_DEFLATED.
TEST_CASE("deflated records are unfolded", "[zip]") {
  const std::string archive(
      "\x50\x4b\x03\x04\x14\x00\x00\x00\x08\x00\x00\x00\x21\x00\xf0\x71\x1a\xc4\x06\x00\x00\x00\x28\x00"
      "\x00\x00\x0a\x00\x00\x00\x61\x2f\x64\x61\x74\x61\x2e\x70\x6b\x6c\xab\xa8\x20\x0e\x00\x00\x50\x4b"
      "\x01\x02\x14\x03\x14\x00\x00\x00\x08\x00\x00\x00\x21\x00\xf0\x71\x1a\xc4\x06\x00\x00\x00\x28\x00"
      "\x00\x00\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00\x61\x2f\x64\x61"
      "\x74\x61\x2e\x70\x6b\x6c\x50\x4b\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00\x38\x00\x00\x00\x2e\x00"
      "\x00\x00\x00\x00",
      124);
  CHECK(ZipReader(archive, "a.pt").record("a/data.pkl") == std::string(40, 'x'));

  const size_t packed = archive.find("a/data.pkl") + 10, directory = archive.rfind("PK\x01\x02");
  const auto changed = [&](size_t at, char byte) {
    std::string other = archive;
    other[at] = byte;
    return other;
  };
  for (const std::string& damaged : {changed(packed, '\xff'), changed(directory + 24, '\x29'),
                                     changed(directory + 24, '\x27'), changed(directory + 26, '\x7f')}) {
    const ZipReader reader(damaged, "a.pt");
    CHECK_THROWS_WITH(reader.record("a/data.pkl"), Contains("record a/data.pkl is damaged"));
  }
  const std::string unknown = changed(directory + 10, '\x0c');
  CHECK_THROWS_WITH(ZipReader(unknown, "a.pt").record("a/data.pkl"), Contains("packed in an unknown way"));
}

// CRC-32 of "123456789" is cbf43926, the check value of its catalogue entry.
TEST_CASE("records carry their checksum", "[zip]") {
  std::ostringstream out;
  ZipWriter writer(out);
  writer.add("n", "123456789");
  CHECK(out.str().substr(14, 4) == "\x26\x39\xf4\xcb");
}
