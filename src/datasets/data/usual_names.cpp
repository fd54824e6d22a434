#include "datasets/data/usual_names.h"

#include <algorithm>

#include "base/util/text.h"

namespace latentcrs {

std::vector<std::string> split_names(std::string_view names) {
  std::vector<std::string> parts;
  while (!names.empty()) {
    const size_t end = std::min(names.find('|'), names.size());
    parts.emplace_back(names.substr(0, end));
    names.remove_prefix(std::min(names.size(), end + 1));
  }
  return parts;
}

std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : lower_case(trimmed(name))) {
    if (c != '_' && c != '-' && c != ' ') plain += c;
  }
  return plain;
}

}  // namespace latentcrs
