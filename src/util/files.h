// Reading inputs line by line (plain, .gz), and writing outputs so that a reader never sees half a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

namespace fs = std::filesystem;

/// Whole file as a string. Throws Error(data) naming the path if it cannot be read.
std::string read_file(const fs::path& path);

/// Writes `contents` to a temporary file beside `path`, syncs it, and renames it over `path`. Creates parent folders.
void write_file_atomically(const fs::path& path, std::string_view contents);

/// Streams into a temporary file beside `path`; `commit()` syncs and renames it into place. Without commit (an
/// exception, say) the temporary file is removed and `path` keeps what it had.
class AtomicFile {
 public:
  explicit AtomicFile(fs::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  std::ostream& stream();
  void commit();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Bytes behind a line of LineReader that may be read (their contents mean nothing): simdjson parses lines in place.
inline constexpr size_t kLinePadding = 64;

/// Removes, from `folder` and all below, what AtomicFile left there when its process was killed.
void remove_leftovers(const fs::path& folder);

/// Keeps other processes that ask for the same lock out of `folder` while it lives; a killed process holds nothing.
/// Throws Error(usage) if another process is there. The lock file, `.lock`, stays.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

/// Reads a text file line by line without loading it; a name ending in .gz is inflated on the fly. A trailing CR and a
/// byte order mark at the start are removed. Throws Error(data) for a missing file, for gzip data under a plain name or
/// the reverse, and for a truncated or corrupt .gz (naming the last good line).
class LineReader {
 public:
  explicit LineReader(const fs::path& path);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// The next line without its end, valid until the next call; false at the end of the file.
  bool next(std::string_view& line);
  /// Number of the line last returned, counted from 1.
  int64_t line_number() const;
  /// Bytes of the (possibly compressed) file read so far, and its size: for progress.
  int64_t bytes_read() const;
  int64_t bytes_total() const;
  /// "path:line" of the line last returned, for messages.
  std::string where() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The cells of a line, separated by tabs; one empty cell for an empty line.
std::vector<std::string_view> split_cells(std::string_view line);

/// Lower-case hexadecimal SHA-256 of a file's bytes, or of a string.
std::string sha256_file(const fs::path& path);
std::string sha256(std::string_view bytes);

}  // namespace latentcrs
