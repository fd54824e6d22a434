// Temporary folders of tests, and paths of the source tree.
#pragma once

#include <filesystem>
#include <string>

namespace latentcrs::test {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// The path of a file of the source tree, e.g. source_path("tests/parity/sasrec.pt").
std::filesystem::path source_path(const std::string& relative);
/// Writes `contents` to `path` and creates its parent folders.
void write_text(const std::filesystem::path& path, const std::string& contents);
std::string read_text(const std::filesystem::path& path);
/// The folder of real datasets, which are never committed: $LATENTCRS_REAL_DATA, or ../shared/data beside the checkout.
/// Empty if it does not exist.
std::filesystem::path real_data_dir();

}  // namespace latentcrs::test
