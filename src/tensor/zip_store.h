// Zip archives, zip64 included. PyTorch stores records uncompressed; other tools deflate them, and PyTorch reads both.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

/// The records of an archive held in memory (a memory map). Every offset and size of the archive is checked against
/// `bytes`; checksums are not, so that big records stay untouched until their numbers are used.
class ZipReader {
 public:
  /// Views point into `bytes`. Throws Error(data) beginning with `where` for anything but a sound zip archive.
  ZipReader(std::string_view bytes, std::string where);

  struct Record {
    std::string_view packed;  ///< where it lies in the archive
    uint64_t method, size;    ///< how it is packed, and how many bytes it unfolds to
  };
  const std::map<std::string, Record, std::less<>>& records() const { return records_; }
  /// The bytes of a record, which live as long as the reader: a view of the archive, or of an unfolded copy. Throws
  /// Error(data) if there is no such record or it cannot be unfolded.
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

/// Writes records one after the other; the contents of each begin at a multiple of 64 bytes.
class ZipWriter {
 public:
  static constexpr uint64_t kZip64From = 0xffffffff;  ///< sizes and offsets that 32 bits cannot hold

  /// `zip64_from` lets tests write small archives in the large form.
  explicit ZipWriter(std::ostream& out, uint64_t zip64_from = kZip64From) : out_(out), zip64_from_(zip64_from) {}

  void add(const std::string& name, std::string_view contents);
  /// Writes the directory: nothing may be added afterwards.
  void finish();

 private:
  struct Entry {
    std::string name;
    uint32_t crc;
    uint64_t size, offset;
  };
  void write(std::string_view bytes);
  std::string directory_entry(const Entry& entry) const;

  std::ostream& out_;
  uint64_t zip64_from_;
  uint64_t position_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace latentcrs
