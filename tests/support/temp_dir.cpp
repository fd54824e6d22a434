#include "support/temp_dir.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace latentcrs::test {

namespace fs = std::filesystem;

TempDir::TempDir() {
  std::string pattern = (fs::temp_directory_path() / "latentcrs-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot create a temporary folder");
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path source_path(const std::string& relative) { return fs::path(LATENTCRS_SOURCE_DIR) / relative; }

void write_text(const fs::path& path, const std::string& contents) {
  if (path.has_parent_path()) fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << contents;
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

fs::path real_data_dir() {
  if (const char* given = std::getenv("LATENTCRS_REAL_DATA")) return given;
  fs::path beside = fs::path(LATENTCRS_SOURCE_DIR) / "../shared/data";
  return fs::exists(beside) ? beside : fs::path{};
}

}  // namespace latentcrs::test
