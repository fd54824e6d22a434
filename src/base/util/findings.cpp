#include "base/util/findings.h"

#include <fmt/format.h>

#include <algorithm>

namespace latentcrs {

void Findings::add(const std::string& what, const std::string& where) {
  auto kind = std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind& known) { return known.what == what; });
  if (kind == kinds_.end()) kind = kinds_.insert(kinds_.end(), {.what = what, .first = where});
  ++kind->count;
}

std::vector<std::string> Findings::lines() const {
  std::vector<std::string> lines;
  for (const Kind& kind : kinds_)
    lines.push_back(kind.count == 1 ? fmt::format("{}: {}", kind.first, kind.what)
                                    : fmt::format("{} and {} more: {}", kind.first, kind.count - 1, kind.what));
  return lines;
}

}  // namespace latentcrs
