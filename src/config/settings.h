// The value of every key before interpolation: the defaults of config.h, replaced by one source after the other.
#pragma once

#include <map>
#include <set>
#include <string>

#include "node.h"
#include "problems.h"

namespace latentcrs {

class Settings {
 public:
  /// Every key at its default.
  Settings();

  /// Sets what `tree` sets below the key `at` ("" is the root). Maps are merged, lists are replaced; the list `stages`
  /// also takes a map from a stage's name or index to the settings that change. Reports unknown keys, and keys set
  /// twice (under two spellings, say).
  void merge(const Node& tree, const std::string& at, Problems& problems);
  /// Puts a key, or all keys of a section, back to the default. `origin` is for messages.
  void reset(const std::string& key, const std::string& origin, Problems& problems);

  /// The value of a key under any spelling, or of a part of a list of maps (stages.1.name); nullptr if there is none.
  const Node* find(const std::string& key) const;

 private:
  using Seen = std::map<std::string, std::string>;  // key -> where this source set it
  void merge(const Node& tree, const std::string& at, Seen& seen, Problems& problems);
  void set(const std::string& key, const Node& value, Problems& problems);
  void change_stages(const Node& changes, Problems& problems);

  std::map<std::string, Node> values_;
};

}  // namespace latentcrs
