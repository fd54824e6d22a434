#include "base/config/problems.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/util/error.h"
#include "base/util/redact.h"

namespace latentcrs {

void Problems::add(const std::string& where, const std::string& key, const std::string& problem,
                   const std::string& hint) {
  std::string line;
  for (const std::string& part : {where, key})
    if (!part.empty()) line += part + ": ";
  line += problem;
  if (!hint.empty()) line += " (" + hint + ")";
  line = without_users(line);  // `where` holds an override as it was typed
  // A file included twice reports the same mistake twice.
  if (std::find(lines_.begin(), lines_.end(), line) != lines_.end()) return;
  keys_.push_back(key);
  lines_.push_back(line);
}

bool Problems::concern(const std::string& key) const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [&](const std::string& known) { return known == key || known.starts_with(key + "."); });
}

void Problems::throw_if_any() const {
  if (lines_.empty()) return;
  if (lines_.size() == 1) throw config_error(lines_.front());
  throw config_error(fmt::format("{} mistakes in the configuration:\n  {}", lines_.size(), fmt::join(lines_, "\n  ")));
}

}  // namespace latentcrs
