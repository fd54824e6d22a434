// Hydra's command-line overrides: `key=value`, `+key=value`, `++key=value`, `~key`, `~key=value`, `group=choice`,
// `group@package=choice`. The grammar of values is Hydra's: numbers, words, "quoted text", [lists], {maps: …},
// ${interpolations}, \-escapes, functions (override_functions.h) and sweeps (a,b).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/config/override_value.h"
#include "base/config/problems.h"

namespace latentcrs {

struct Override {
  enum class Kind { change, add, force_add, remove };

  Kind kind = Kind::change;
  std::string key;                     ///< a dotted key, or a group: db, db/mysql
  std::optional<std::string> package;  ///< of group@package; "" and _global_ are the root
  std::optional<OverrideValue> value;  ///< nullopt: `~key`
  bool calls_function = false;         ///< the value holds a function
  std::string text;                    ///< as typed
  std::string origin;                  ///< "override 2: epochs=3", counted from 1

  bool is_sweep() const { return value && std::holds_alternative<Sweep>(*value); }
  /// The value; null where there is none. Not for sweeps.
  Node node() const { return value ? std::get<Node>(*value) : null_node(origin); }
  /// The part before `=`: +db@x
  std::string key_text() const;
};

/// The well-formed overrides; the others are reported.
std::vector<Override> parse_overrides(const std::vector<std::string>& texts, Problems& problems);

/// The same, with sweeps reported too: only a multirun takes them.
std::vector<Override> parse_single_overrides(const std::vector<std::string>& texts, Problems& problems);

}  // namespace latentcrs
