// Locks between processes: flock(2), which the kernel releases when a process ends, however it ends.
#pragma once

#include <filesystem>
#include <optional>

namespace latentcrs {

/// Holds the exclusive lock of a file while it lives. It keeps out processes, and other locks of this process, that ask
/// for the same lock; it does not keep anybody from reading or writing the file. The file stays when the lock goes.
class FileLock {
 public:
  /// Takes the lock of `path`, which is created if it is missing; nullopt if another holds it. Throws Error(data) if
  /// the file cannot be opened or locked.
  static std::optional<FileLock> try_take(const std::filesystem::path& path);
  /// The same, but waits until the other lets go.
  static FileLock wait_for(const std::filesystem::path& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(const std::filesystem::path& path);
  bool take(int operation, const std::filesystem::path& path) const;

  int descriptor_;
};

}  // namespace latentcrs
