#include "tensor/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "latentcrs/util/error.h"

namespace latentcrs {

namespace {

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
};

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
  Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat info {};
  if (file.fd < 0 || fstat(file.fd, &info) != 0) {
    throw data_error(path.string() + ": cannot be opened (" + std::strerror(errno) + ")");
  }
  if (!S_ISREG(info.st_mode)) throw data_error(path.string() + ": is not a file");
  size_ = static_cast<size_t>(info.st_size);
  if (size_ == 0) return;
  void* map = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file.fd, 0);
  if (map == MAP_FAILED) throw data_error(path.string() + ": cannot be mapped (" + std::strerror(errno) + ")");
  data_ = static_cast<char*>(map);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(data_, size_);
}

}  // namespace latentcrs
