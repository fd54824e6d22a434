// ${a.b} takes the value of another key, ${.b} of one in the same section, ${..b} of one in the section above. It may
// be the whole text of a value or a part of it; `\${` is `${` itself.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "node.h"
#include "problems.h"
#include "settings.h"

namespace latentcrs {

/// The text of a value that has to be given: `key: ???`.
inline constexpr const char* kMissing = "???";

class Interpolation {
 public:
  Interpolation(const Settings& settings, Problems& problems) : settings_(settings), problems_(problems) {}

  /// The value of `key` without interpolations; nullopt if something in it is wrong, which is then reported. A value
  /// that has to be given is returned as kMissing; one that refers to it is nullopt without a report of its own.
  std::optional<Node> value(const std::string& key);

 private:
  std::optional<Node> resolve(const Node& node, const std::string& at);
  std::optional<Node> resolve_scalar(const Node& node, const std::string& at);
  std::optional<Node> refer(const std::string& reference, const Node& from, const std::string& at);

  const Settings& settings_;
  Problems& problems_;
  std::map<std::string, std::optional<Node>> resolved_;
  std::vector<std::string> open_;  // keys whose values are being resolved, outermost first
};

}  // namespace latentcrs
