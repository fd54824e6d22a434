// A file opened for reading with system calls. Every failure is an Error(data) that names the path and the reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/util/error.h"

namespace latentcrs {

/// An Error(data) with the message "path: what: reason", where the reason is that of errno.
Error file_error(const std::filesystem::path& path, std::string_view what);

class OpenFile {
 public:
  /// Opens `path` for reading.
  explicit OpenFile(const std::filesystem::path& path);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  /// Reads up to `size` bytes into `to` and returns their number, which is 0 only at the end of the file.
  size_t read(char* to, size_t size);
  /// The size of a regular file in bytes; 0 for other kinds of files.
  int64_t size() const { return size_; }
  /// Bytes read so far.
  int64_t position() const { return position_; }
  int descriptor() const { return descriptor_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  int64_t size_ = 0;
  int64_t position_ = 0;
};

}  // namespace latentcrs
