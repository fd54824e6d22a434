#include "datasets/data/last_line.h"

#include <fstream>

#include "base/util/log.h"

namespace latentcrs {

bool has_open_last_line(const std::filesystem::path& path) {
  if (path.extension() == ".gz") return false;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file || file.tellg() <= 0) return false;
  file.seekg(-1, std::ios::end);
  return file.get() != '\n';
}

void warn_of_open_last_line(const std::filesystem::path& path) {
  if (has_open_last_line(path)) log::warn("{}: {}", path.string(), kOpenLastLine);
}

}  // namespace latentcrs
