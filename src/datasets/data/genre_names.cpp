#include "datasets/data/genre_names.h"

#include <fmt/format.h>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/text.h"
#include "datasets/data/printable.h"

namespace latentcrs {

std::vector<std::string> read_genre_names(const fs::path& path) {
  std::vector<std::string> names;
  if (path.empty()) return names;
  LineReader reader(path);
  std::string_view line;
  while (reader.next(line)) {
    if (is_blank(line)) continue;
    const size_t bar = line.find('|');
    const std::string number = std::to_string(names.size());
    if (bar == std::string_view::npos || trimmed(line.substr(bar + 1)) != number)
      throw data_error(fmt::format("{}: '{}' is not name|{}", reader.where(), printable(line), number));
    names.emplace_back(trimmed(line.substr(0, bar)));
  }
  return names;
}

}  // namespace latentcrs
