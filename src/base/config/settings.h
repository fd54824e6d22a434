// The value of every key before interpolation, as a tree: the defaults of config.h, changed by one source after the
// other.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/config/interpolation.h"
#include "base/config/node.h"
#include "base/config/overrides.h"
#include "base/config/problems.h"

namespace latentcrs {

class Settings {
 public:
  /// Every key at its default.
  Settings();

  /// Takes over the settings of a file below the key `package` ("" is the root). Maps are merged, lists are replaced;
  /// the list `stages` also takes a map from a stage's name or index to the settings that change. Reports unknown keys,
  /// and keys set twice (under two spellings, say).
  void merge(const Node& tree, const std::string& package, Problems& problems);

  /// Carries out an override that sets values. `key=value` sets a key, or an entry of a list or of a free map; `+key=`
  /// only a key that nothing has set, `~key` puts a key or all keys of a section back to the default.
  void apply(const Override& override, Problems& problems);

  /// The value of a key under any spelling; nullptr if there is none.
  const Node* find(const std::string& key) const;
  /// All values, nested as their keys.
  const Node& root() const { return root_; }
  /// The names under which interpolations find a key in root().
  static KeyRules key_rules();

 private:
  using Seen = std::map<std::string, std::string>;  // key -> the line of this source that set it
  void merge(const Node& tree, const std::string& at, Seen& seen, Problems& problems);
  void set(const std::string& key, const Node& value, Problems& problems);
  void lay_over_map(const std::string& key, const Node& value, Problems& problems);
  void change_stages(const Node& changes, Problems& problems);
  void change(const Override& override, Problems& problems);
  void change_below(const Override& override, const std::string& field, const std::string& rest, Problems& problems);
  void reset(const Override& override, Problems& problems);
  Node& at(const std::string& key);

  Node root_;
};

}  // namespace latentcrs
