#include "base/util/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/util/open_file.h"

namespace latentcrs {

FileLock::FileLock(const std::filesystem::path& path)
    : descriptor_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0) throw file_error(path, "cannot create");
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

/// False if another holds the lock and `operation` does not wait.
bool FileLock::take(int operation, const std::filesystem::path& path) const {
  while (flock(descriptor_, operation) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) throw file_error(path, "cannot lock");
  }
  return true;
}

std::optional<FileLock> FileLock::try_take(const std::filesystem::path& path) {
  FileLock lock(path);
  if (!lock.take(LOCK_EX | LOCK_NB, path)) return std::nullopt;
  return lock;
}

FileLock FileLock::wait_for(const std::filesystem::path& path) {
  FileLock lock(path);
  lock.take(LOCK_EX, path);
  return lock;
}

}  // namespace latentcrs
