#include "data/last_line.h"

#include <fstream>

#include "util/log.h"

namespace latentcrs {

void warn_of_open_last_line(const std::filesystem::path& path) {
  if (path.extension() == ".gz") return;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file || file.tellg() <= 0) return;
  file.seekg(-1, std::ios::end);
  if (file.get() != '\n')
    log::warn("{}: the last line has no end; if the file was cut off, its last number is another one", path.string());
}

}  // namespace latentcrs
