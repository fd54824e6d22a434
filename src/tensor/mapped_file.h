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

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace latentcrs
