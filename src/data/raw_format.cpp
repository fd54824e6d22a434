#include "data/raw_format.h"

#include <algorithm>

#include "util/error.h"

namespace latentcrs {

const RawFormat& raw_format(const std::string& name) {
  const auto* const found = std::find_if(kRawFormats.begin(), kRawFormats.end(),
                                         [&](const RawFormat* format) { return format->name == name; });
  if (found == kRawFormats.end()) throw internal_error("unknown dataset format " + name);
  return **found;
}

}  // namespace latentcrs
