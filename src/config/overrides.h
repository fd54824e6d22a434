// Hydra's command-line overrides: `key=value`, `+key=value`, `++key=value`, `~key`.
#pragma once

#include <string>
#include <vector>

#include "node.h"
#include "problems.h"

namespace latentcrs {

struct Override {
  enum class Kind { set, append, remove };

  Kind kind = Kind::set;
  std::string key;
  Node value;          ///< empty for `remove`
  std::string origin;  ///< "override 2: epochs=3", counted from 1

  /// The value under its dotted key: {epochs: 3}.
  Node tree() const;
};

/// The well-formed overrides; the others are reported.
std::vector<Override> parse_overrides(const std::vector<std::string>& texts, Problems& problems);

}  // namespace latentcrs
