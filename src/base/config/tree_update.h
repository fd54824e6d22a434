// Changes of a tree of values as Hydra makes them: files laid over each other, then overrides one after the other.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/config/node.h"
#include "base/config/overrides.h"
#include "base/config/problems.h"

namespace latentcrs {

/// The text of a value that has to be given: `key: ???`.
inline constexpr const char* kMissing = "???";

/// True for an override that has `+` or `++`, and for files: it may add keys.
enum class NewKeys { refused, allowed };

/// Lays `source` over `target`: maps entry by entry, everything else as a whole; `???` keeps the value of `target`. A
/// map and a list in the same place are a problem, and so are new keys if they are refused. `at` is for messages.
void merge_tree(Node& target, const Node& source, const std::string& at, NewKeys new_keys, Problems& problems);

/// {a: {b: tree}} for the key "a.b".
Node wrapped(Node tree, const std::string& key);

class TreeUpdate {
 public:
  /// The value with its interpolations resolved; nullopt if that fails. `at` is the value's dotted key in `root`.
  using Resolve = std::function<std::optional<Node>(const Node& node, const std::string& at)>;

  /// `root` has the key `prefix` ("": it is the whole configuration). With `open` an override without `+` may add keys
  /// as well.
  TreeUpdate(Node& root, std::string prefix, bool open, Resolve resolve, Problems& problems)
      : root_(root), prefix_(std::move(prefix)), open_(open), resolve_(std::move(resolve)), problems_(problems) {}

  /// Carries out an override of `path` below the root, or reports why it must not.
  void apply(const Override& override, const std::vector<std::string>& path);

 private:
  struct Place;
  Place parent_of(const Override& override, const std::vector<std::string>& path);
  void set(const Override& override, const Place& place);
  void remove(const Override& override, const Place& place);
  bool may_add(const Override& override) const;
  std::string key_of(const std::vector<std::string>& path, size_t length) const;

  Node& root_;
  std::string prefix_;
  bool open_;
  Resolve resolve_;
  Problems& problems_;
};

}  // namespace latentcrs
