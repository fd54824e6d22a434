// A folder that disappears with the test.
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

/// A file of the source tree, e.g. source_path("tests/parity/sasrec.pt").
std::filesystem::path source_path(const std::string& relative);
/// Writes `contents` to `path` (parent folders created).
void write_text(const std::filesystem::path& path, const std::string& contents);
std::string read_text(const std::filesystem::path& path);
/// $LATENTCRS_REAL_DATA, or the folder ../shared/data beside the checkout: real datasets, never committed. Empty if
/// absent.
std::filesystem::path real_data_dir();

}  // namespace latentcrs::test
