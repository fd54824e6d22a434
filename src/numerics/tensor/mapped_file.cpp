#include "numerics/tensor/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/util/error.h"

namespace latentcrs {

MappedFile::MappedFile(const std::filesystem::path& path) : path_(path) {
  file_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info {};
  const auto fail = [&](const std::string& what) {
    if (file_ >= 0) close(file_);
    throw data_error(path.string() + ": " + what);
  };
  if (file_ < 0 || fstat(file_, &info) != 0) fail(std::string("cannot be opened (") + std::strerror(errno) + ")");
  if (!S_ISREG(info.st_mode)) fail("is not a file");
  size_ = static_cast<size_t>(info.st_size);
  if (size_ == 0) return;
  void* map = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file_, 0);
  if (map == MAP_FAILED) fail(std::string("cannot be mapped (") + std::strerror(errno) + ")");
  data_ = static_cast<char*>(map);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(data_, size_);
  close(file_);
}

void MappedFile::read(size_t offset, size_t count, char* to) const {
  while (count > 0) {
    const ssize_t got = pread(file_, to, count, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      throw data_error(path_.string() + ": cannot be read" +
                       (got < 0 ? std::string(" (") + std::strerror(errno) + ")" : ", it has become shorter"));
    offset += static_cast<size_t>(got);
    count -= static_cast<size_t>(got);
    to += got;
  }
}

}  // namespace latentcrs
