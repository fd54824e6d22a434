// Reading and writing zip archives, zip64 included. PyTorch stores records uncompressed; other tools deflate them, and
// PyTorch reads both.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

/// The records of an archive in memory (usually a memory map). All offsets and sizes are checked against `bytes`;
/// checksums are not, so that large records stay untouched until their numbers are used.
class ZipReader {
 public:
  /// `bytes` must outlive the reader. Throws Error(data), whose message begins with `where`, if they are no valid zip
  /// archive.
  ZipReader(std::string_view bytes, std::string where);

  struct Record {
    std::string_view packed;  ///< its bytes in the archive
    uint64_t method, size;    ///< compression method, and size in bytes when unpacked
  };
  const std::map<std::string, Record, std::less<>>& records() const { return records_; }
  /// The unpacked bytes of a record, which live as long as the reader: a view of the archive or of an unpacked copy.
  /// Throws Error(data) if there is no such record or it cannot be unpacked.
  std::string_view record(std::string_view name) const;

 private:
  struct Directory {
    uint64_t count, size, offset;
  };
  Directory find_directory() const;
  Directory read_zip64_directory(size_t locator) const;
  size_t read_entry(size_t at);
  std::string_view stored_bytes(uint64_t header, uint64_t size) const;
  std::string inflated(std::string_view name, const Record& record) const;
  uint64_t number(uint64_t at, int width) const;
  [[noreturn]] void fail(const std::string& what) const;

  std::string_view bytes_;
  std::string where_;
  std::map<std::string, Record, std::less<>> records_;
  mutable std::map<std::string, std::string, std::less<>> unfolded_;
};

/// Writes an archive record by record. The contents of each record begin at a multiple of 64 bytes.
class ZipWriter {
 public:
  static constexpr uint64_t kZip64From = 0xffffffff;  ///< from here on 32 bits cannot hold a size or offset

  /// `zip64_from` exists for tests, which write small archives in the large form.
  explicit ZipWriter(std::ostream& out, uint64_t zip64_from = kZip64From) : out_(out), zip64_from_(zip64_from) {}

  /// Adds a record, stored without compression.
  void add(const std::string& name, std::string_view contents);
  /// The same for a record of `size` bytes that come in pieces: begin(), append() until all have come, end(). The
  /// stream must be one that can go back. end() throws Error(internal) if other than `size` bytes came.
  void begin(const std::string& name, uint64_t size);
  void append(std::string_view bytes);
  void end();
  /// Writes the directory. Nothing may be added afterwards.
  void finish();

 private:
  struct DirectoryEntry {
    std::string name;
    uint32_t crc;
    uint64_t size, offset;
  };
  void write(std::string_view bytes);
  void begin(DirectoryEntry entry);
  std::string directory_entry(const DirectoryEntry& entry) const;

  std::ostream& out_;
  uint64_t zip64_from_;
  uint64_t position_ = 0;
  std::vector<DirectoryEntry> entries_;
  uint64_t contents_ = 0;  ///< where those of the last record begin
};

}  // namespace latentcrs
