#include "base/util/open_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace latentcrs {

Error file_error(const std::filesystem::path& path, std::string_view what) {
  return data_error(fmt::format("{}: {}: {}", path.string(), what, std::strerror(errno)));
}

OpenFile::OpenFile(const std::filesystem::path& path) : path_(path) {
  descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) throw file_error(path, "cannot read");
  struct stat status {};
  if (fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode)) size_ = status.st_size;
}

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

size_t OpenFile::read(char* to, size_t size) {
  while (true) {
    const ssize_t got = ::read(descriptor_, to, size);
    if (got >= 0) {
      position_ += got;
      return static_cast<size_t>(got);
    }
    if (errno != EINTR) throw file_error(path_, "cannot read");
  }
}

}  // namespace latentcrs
