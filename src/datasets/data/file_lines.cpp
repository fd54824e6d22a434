#include "datasets/data/file_lines.h"

#include <algorithm>

namespace latentcrs {

void FileLines::begin(const std::filesystem::path& path, int64_t lines_before) {
  parts_.push_back({path.filename().string(), parts_.empty() ? 0 : parts_.back().before + lines_before});
}

std::string FileLines::place(int64_t through) const {
  const auto after =
      std::find_if(parts_.begin() + 1, parts_.end(), [&](const Part& part) { return part.before >= through; });
  const Part& part = *(after - 1);
  return part.file + ":" + std::to_string(through - part.before);
}

}  // namespace latentcrs
