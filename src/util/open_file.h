// A file open for reading, on the system calls: every failure is an Error(data) that names the path and the reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "util/error.h"

namespace latentcrs {

/// "path: what: reason of errno".
Error file_error(const std::filesystem::path& path, std::string_view what);

class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  /// Up to `size` bytes; 0 only at the end of the file.
  size_t read(char* to, size_t size);
  /// Bytes of a regular file, 0 for anything else.
  int64_t size() const { return size_; }
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
