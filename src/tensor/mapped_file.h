// A file's bytes as a private memory map.
#pragma once

#include <filesystem>
#include <string_view>

namespace latentcrs {

/// Writing through `data()` changes this process's copy only. Throws Error(data) if the file cannot be opened.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  char* data() const { return data_; }
  std::string_view bytes() const { return {data_, size_}; }
  /// Copies part of the file by a read, which leaves no page of the map in memory. Throws Error(data) if the file has
  /// become shorter.
  void read(size_t offset, size_t count, char* to) const;

 private:
  std::filesystem::path path_;
  int file_ = -1;
  char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace latentcrs
