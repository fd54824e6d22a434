#include "numerics/tensor/zip_store.h"

#include <fmt/format.h>
#include <zlib.h>

#include <array>

#include "base/util/error.h"

// The layout and the names follow PKWARE's APPNOTE.TXT, sections 4.3.7 to 4.3.16.

namespace latentcrs {

namespace {

constexpr uint32_t kLocalSignature = 0x04034b50;
constexpr uint32_t kEntrySignature = 0x02014b50;
constexpr uint32_t kEndSignature = 0x06054b50;
constexpr uint32_t kZip64EndSignature = 0x06064b50;
constexpr uint32_t kZip64LocatorSignature = 0x07064b50;
constexpr uint16_t kZip64Tag = 0x0001;
constexpr uint16_t kPaddingTag = 0x4246;  // PyTorch's own: "FB"
constexpr uint16_t kUtf8Flag = 0x0800;
constexpr uint32_t kMax32 = 0xffffffff;
constexpr uint16_t kMax16 = 0xffff;
constexpr uint64_t kStored = 0, kDeflated = 8;
constexpr uint16_t kVersionZip64 = 45;
constexpr uint16_t kFirstOfJanuary1980 = 0x21;
constexpr size_t kLocalCrc = 14;  // where a local header has its checksum
constexpr size_t kLocalSize = 30, kEntrySize = 46, kEndSize = 22, kZip64EndSize = 56, kLocatorSize = 20;
constexpr size_t kRecordAlignment = 64;

using CrcTables = std::array<std::array<uint32_t, 256>, 8>;

constexpr CrcTables make_crc_tables() {
  CrcTables tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? (c >> 1) ^ 0xedb88320u : c >> 1;
    tables[0][i] = c;
  }
  for (size_t t = 1; t < 8; ++t) {
    for (size_t i = 0; i < 256; ++i) tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xff];
  }
  return tables;
}

/// CRC-32 of bytes that follow others with the CRC-32 `before`, computed eight bytes at a time: tables[t][b] is the
/// effect of byte b followed by t zero bytes.
uint32_t crc32(std::string_view bytes, uint32_t before = 0) {
  static constexpr CrcTables tables = make_crc_tables();
  uint32_t c = ~before;
  auto p = reinterpret_cast<const unsigned char*>(bytes.data());
  size_t n = bytes.size();
  for (; n >= 8; n -= 8, p += 8) {
    c = tables[7][(c ^ p[0]) & 0xff] ^ tables[6][((c >> 8) ^ p[1]) & 0xff] ^ tables[5][((c >> 16) ^ p[2]) & 0xff] ^
        tables[4][(c >> 24) ^ p[3]] ^ tables[3][p[4]] ^ tables[2][p[5]] ^ tables[1][p[6]] ^ tables[0][p[7]];
  }
  for (; n > 0; --n, ++p) c = (c >> 8) ^ tables[0][(c ^ *p) & 0xff];
  return ~c;
}

/// Writes little-endian numbers one after the other.
class Fields {
 public:
  Fields& u16(uint64_t v) { return put(v, 2); }
  Fields& u32(uint64_t v) { return put(v, 4); }
  Fields& u64(uint64_t v) { return put(v, 8); }
  Fields& text(std::string_view s) {
    bytes_ += s;
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  Fields& put(uint64_t v, int width) {
    for (int i = 0; i < width; ++i) bytes_ += static_cast<char>(v >> (8 * i) & 0xff);
    return *this;
  }
  std::string bytes_;
};

}  // namespace

ZipReader::ZipReader(std::string_view bytes, std::string where) : bytes_(bytes), where_(std::move(where)) {
  Directory directory = find_directory();
  if (directory.offset > bytes_.size() || directory.size > bytes_.size() - directory.offset) {
    fail("its directory lies outside the file");
  }
  size_t at = directory.offset;
  for (uint64_t i = 0; i < directory.count; ++i) at = read_entry(at);
}

std::string_view ZipReader::record(std::string_view name) const {
  auto found = records_.find(name);
  if (found == records_.end()) fail("no record " + std::string(name));
  const Record& record = found->second;
  if (record.method == kStored) return record.packed;
  const auto known = unfolded_.find(name);
  return known != unfolded_.end() ? known->second : unfolded_.emplace(name, inflated(name, record)).first->second;
}

std::string ZipReader::inflated(std::string_view name, const Record& record) const {
  const auto damaged = [&] { fail("record " + std::string(name) + " is damaged"); };
  if (record.method != kDeflated) fail("record " + std::string(name) + " is packed in an unknown way");
  // One byte of deflated data unfolds to at most 1032 bytes.
  if (record.size / 1032 > record.packed.size() || record.packed.size() > kMax32 || record.size > kMax32) damaged();
  std::string bytes(record.size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw internal_error("zlib does not start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(record.packed.data()));
  stream.avail_in = static_cast<uInt>(record.packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  const int status = inflate(&stream, Z_FINISH);
  const bool whole = status == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  if (!whole) damaged();
  return bytes;
}

ZipReader::Directory ZipReader::find_directory() const {
  if (bytes_.size() < kEndSize) fail("too short");
  size_t last = bytes_.size() - kEndSize;
  size_t first = last > kMax16 ? last - kMax16 : 0;  // a comment of up to 65,535 bytes may follow
  for (size_t at = last + 1; at-- > first;) {
    if (number(at, 4) != kEndSignature) continue;
    if (at >= kLocatorSize && number(at - kLocatorSize, 4) == kZip64LocatorSignature) {
      return read_zip64_directory(at - kLocatorSize);
    }
    return {number(at + 10, 2), number(at + 12, 4), number(at + 16, 4)};
  }
  fail("no directory at its end (cut off?)");
}

ZipReader::Directory ZipReader::read_zip64_directory(size_t locator) const {
  uint64_t at = number(locator + 8, 8);
  if (number(at, 4) != kZip64EndSignature) fail("its zip64 directory is not where it should be");
  return {number(at + 32, 8), number(at + 40, 8), number(at + 48, 8)};
}

/// Reads the directory entry at `at` and returns where the next one begins.
size_t ZipReader::read_entry(size_t at) {
  if (number(at, 4) != kEntrySignature) fail("its directory is damaged");
  uint64_t method = number(at + 10, 2), packed = number(at + 20, 4), size = number(at + 24, 4);
  uint64_t header = number(at + 42, 4);
  size_t name_at = at + kEntrySize, name_size = number(at + 28, 2);
  size_t extra_at = name_at + name_size, extra_end = extra_at + number(at + 30, 2);
  size_t end = extra_end + number(at + 32, 2);
  if (end > bytes_.size()) fail("its directory is cut off");
  std::string name(bytes_.substr(name_at, name_size));

  for (size_t field = extra_at; field + 4 <= extra_end; field += 4 + number(field + 2, 2)) {
    if (number(field, 2) != kZip64Tag) continue;
    size_t next = field + 4;  // the 64-bit values of those fields that are full, in this order
    for (uint64_t* value : {&size, &packed, &header}) {
      if (*value != kMax32) continue;
      *value = number(next, 8);
      next += 8;
    }
  }
  if (method == kStored && packed != size) fail("record " + name + " has two sizes");
  if (!records_.emplace(name, Record{stored_bytes(header, packed), method, size}).second) fail("two records " + name);
  return end;
}

std::string_view ZipReader::stored_bytes(uint64_t header, uint64_t size) const {
  if (number(header, 4) != kLocalSignature) fail("a record is not where its directory says");
  uint64_t begin = header + kLocalSize + number(header + 26, 2) + number(header + 28, 2);
  if (begin > bytes_.size() || size > bytes_.size() - begin) fail("cut off");
  return bytes_.substr(begin, size);
}

uint64_t ZipReader::number(uint64_t at, int width) const {
  if (at > bytes_.size() || static_cast<uint64_t>(width) > bytes_.size() - at) fail("cut off");
  uint64_t value = 0;
  for (int i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes_[at + static_cast<uint64_t>(i)]);
  return value;
}

void ZipReader::fail(const std::string& what) const { throw data_error(where_ + ": not a sound .pt file: " + what); }

void ZipWriter::write(std::string_view bytes) {
  out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  position_ += bytes.size();
}

void ZipWriter::add(const std::string& name, std::string_view contents) {
  begin({name, crc32(contents), contents.size(), position_});
  write(contents);
}

void ZipWriter::begin(const std::string& name, uint64_t size) { begin(DirectoryEntry{name, 0, size, position_}); }

void ZipWriter::append(std::string_view bytes) {
  entries_.back().crc = crc32(bytes, entries_.back().crc);
  write(bytes);
}

void ZipWriter::end() {
  const DirectoryEntry& entry = entries_.back();
  if (position_ - contents_ != entry.size)
    throw internal_error(fmt::format("{}: {} bytes came instead of {}", entry.name, position_ - contents_, entry.size));
  out_.seekp(static_cast<std::streamoff>(entry.offset + kLocalCrc));
  const std::string crc = Fields().u32(entry.crc).bytes();
  out_.write(crc.data(), static_cast<std::streamsize>(crc.size()));
  out_.seekp(static_cast<std::streamoff>(position_));
}

/// Writes the header of a record.
void ZipWriter::begin(DirectoryEntry entry) {
  bool large = entry.size >= zip64_from_;
  Fields extra;
  if (large) extra.u16(kZip64Tag).u16(16).u64(entry.size).u64(entry.size);
  size_t unpadded = position_ + kLocalSize + entry.name.size() + extra.bytes().size() + 4;
  size_t padding = (kRecordAlignment - unpadded % kRecordAlignment) % kRecordAlignment;
  extra.u16(kPaddingTag).u16(padding).text(std::string(padding, 'Z'));

  uint64_t size32 = large ? kMax32 : entry.size;
  Fields header;
  header.u32(kLocalSignature).u16(large ? kVersionZip64 : 0).u16(kUtf8Flag).u16(0).u16(0).u16(kFirstOfJanuary1980);
  header.u32(entry.crc).u32(size32).u32(size32).u16(entry.name.size()).u16(extra.bytes().size());
  write(header.text(entry.name).text(extra.bytes()).bytes());
  entries_.push_back(std::move(entry));
  contents_ = position_;
}

std::string ZipWriter::directory_entry(const DirectoryEntry& entry) const {
  bool large = entry.size >= zip64_from_, far = entry.offset >= zip64_from_;
  uint64_t size32 = large ? kMax32 : entry.size;
  Fields values;
  if (large) values.u64(entry.size).u64(entry.size);
  if (far) values.u64(entry.offset);
  Fields extra;
  if (large || far) extra.u16(kZip64Tag).u16(values.bytes().size()).text(values.bytes());

  uint16_t version = large || far ? kVersionZip64 : 0;
  Fields fields;
  fields.u32(kEntrySignature).u16(version).u16(version).u16(kUtf8Flag).u16(0).u16(0).u16(kFirstOfJanuary1980);
  fields.u32(entry.crc).u32(size32).u32(size32).u16(entry.name.size()).u16(extra.bytes().size());
  fields.u16(0).u16(0).u16(0).u32(0).u32(far ? kMax32 : entry.offset).text(entry.name).text(extra.bytes());
  return fields.bytes();
}

void ZipWriter::finish() {
  uint64_t begin = position_, count = entries_.size();
  for (const DirectoryEntry& entry : entries_) write(directory_entry(entry));
  uint64_t size = position_ - begin;

  bool large = count >= kMax16 || begin >= zip64_from_ || size >= zip64_from_;
  if (large) {
    uint64_t end = position_;
    Fields zip64;
    zip64.u32(kZip64EndSignature).u64(kZip64EndSize - 12).u16(kVersionZip64).u16(kVersionZip64).u32(0).u32(0);
    zip64.u64(count).u64(count).u64(size).u64(begin);
    zip64.u32(kZip64LocatorSignature).u32(0).u64(end).u32(1);
    write(zip64.bytes());
  }
  uint64_t count16 = large ? kMax16 : count;
  Fields fields;
  fields.u32(kEndSignature).u16(0).u16(0).u16(count16).u16(count16);
  fields.u32(large ? kMax32 : size).u32(large ? kMax32 : begin).u16(0);
  write(fields.bytes());
}

}  // namespace latentcrs
