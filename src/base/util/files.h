// Reading text files line by line (plain or .gz), and writing files so that a reader never sees an unfinished one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/file_lock.h"

namespace latentcrs {

namespace fs = std::filesystem;

/// Returns the whole file. Throws Error(data) naming the path if it cannot be read.
std::string read_file(const fs::path& path);

/// Writes `contents` to a temporary file beside `path`, flushes it to disk and renames it to `path`. Creates parent
/// folders. Throws Error(data) if it cannot be written.
void write_file_atomically(const fs::path& path, std::string_view contents);

/// A file that is written through a stream into a temporary file beside `path`; `commit()` flushes it to disk and
/// renames it to `path`. Without a commit (after an exception, for example) the temporary file is removed and `path`
/// stays as it was. Throws Error(data) if it cannot be written.
class AtomicFile {
 public:
  explicit AtomicFile(fs::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// The stream of the temporary file.
  std::ostream& stream();
  /// Flushes the temporary file to disk and renames it to the path of the constructor. Nothing may be written
  /// afterwards.
  void commit();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The number of bytes after a line of LineReader that may be read, with any content: simdjson parses lines in place.
inline constexpr size_t kLinePadding = 64;

/// Removes the temporary files that killed processes left in `folder` and below.
void remove_leftovers(const fs::path& folder);

/// Keeps other processes that ask for the same lock out of `folder` while it lives; the lock of a killed process is
/// free. Throws Error(usage) if another process holds the lock, Error(data) if the lock file, `.lock`, cannot be
/// created. The lock file stays.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder);

 private:
  std::optional<FileLock> lock_;
};

/// Whole lines as they lie in a file, each with its end, which the last one may lack.
struct LineBlock {
  std::vector<char> bytes;  ///< `size` of them count; after them kLinePadding bytes may be read
  size_t size = 0;
  int64_t first_line = 1;  ///< number of the first one
  int64_t bytes_read = 0;  ///< of the file, up to the end of the block
};

/// Reads a text file line by line without loading it whole; a file whose name ends in .gz is inflated on the fly. A
/// trailing CR and a byte order mark at the start are removed. Throws Error(data) for a missing file, for gzip data
/// under a plain name or the reverse, and for a truncated or corrupt .gz file (naming the last good line).
class LineReader {
 public:
  explicit LineReader(const fs::path& path);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// Sets `line` to the next line without its end, valid until the next call; returns false at the end of the file.
  bool next(std::string_view& line);
  /// Fills `block` with the lines that come next, and returns false at the end of the file. Their ends are left as they
  /// are.
  bool next_block(LineBlock& block);
  /// Number of the line last returned, from 1.
  int64_t line_number() const;
  /// Bytes of the (possibly compressed) file read so far, and the size of the file, for progress.
  int64_t bytes_read() const;
  int64_t bytes_total() const;
  /// "path:line" of the line last returned, for messages.
  std::string where() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The cells of a line, which tabs separate; an empty line has one empty cell.
std::vector<std::string_view> split_cells(std::string_view line);

/// SHA-256 of the bytes of a file or of a string, as 64 lower-case hexadecimal digits. sha256_file() throws Error(data)
/// if the file cannot be read.
std::string sha256_file(const fs::path& path);
std::string sha256(std::string_view bytes);

}  // namespace latentcrs
