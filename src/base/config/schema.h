// The table of settings: for every field of Config its key, its place in memory, its range, its influence on results
// and its published spellings. Reading, writing, checking, suggesting and the settings of manifests work from it.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/config/config.h"
#include "base/config/influence.h"

namespace latentcrs {

/// An enumeration by the published spellings of its enumerators, in their order; or a text that is one of `names`.
struct EnumRef {
  std::vector<std::string> names;
  std::function<size_t()> get;
  std::function<void(size_t)> set;
};

using FieldRef = std::variant<bool*, int*, int64_t*, double*, std::string*, std::vector<int>*,
                              std::vector<std::string>*, EnumRef, std::vector<StageOptions>*>;

/// The values that a field may have. Ranges apply to numbers and to each number of a list.
struct Rule {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_excluded = false;
  bool high_excluded = false;
  std::optional<double> inherits = {};    ///< a value outside the range that means "as at the root"
  std::vector<std::string> choices = {};  ///< of text; empty: any text
  bool required = false;                  ///< text or a list that must not be empty
  bool json_object = false;               ///< text that is a JSON object; a map becomes one
  bool path = false;                      ///< text that is a path: `~` at its start is the home folder
};

struct Field {
  /// "run" for the general settings at the root, "em" for the others at the root, else the first part of `key`.
  std::string section;
  std::string key;  ///< dotted; in stage_schema the plain name
  FieldRef ref;
  Rule rule;
  Influence influence;
  std::vector<std::string> aliases;  ///< full keys that mean the same
  std::string same_as = {};          ///< the key whose value is the default; empty: the default is Config's
};

/// Every setting of `config`, in the order of config.h. The references point into `config`.
std::vector<Field> schema(Config& config);
/// The settings of one entry of the list `stages`.
std::vector<Field> stage_schema(StageOptions& stage);

}  // namespace latentcrs
