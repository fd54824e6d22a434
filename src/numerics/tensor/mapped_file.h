// A file mapped into memory.
#pragma once

#include <filesystem>
#include <string_view>

namespace latentcrs {

/// A private memory map of a whole file: writing through `data()` changes this process's copy only. The constructor
/// throws Error(data) if the file cannot be opened.
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  char* data() const { return data_; }
  std::string_view bytes() const { return {data_, size_}; }
  /// Copies `count` bytes from `offset` on by reading the file, which leaves no page of the map in memory. Throws
  /// Error(data) if the file has become shorter.
  void read(size_t offset, size_t count, char* to) const;

 private:
  std::filesystem::path path_;
  int file_ = -1;
  char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace latentcrs
