// Values without their interpolations (interpolation_grammar.h). Resolvers: oc.env, oc.decode, oc.select, oc.create,
// oc.dict.keys and oc.dict.values.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/config/interpolation_grammar.h"
#include "base/config/keys.h"
#include "base/config/node.h"
#include "base/config/problems.h"

namespace latentcrs {

/// Names that a tree's keys have besides the names and indices in it.
struct KeyRules {
  /// Another spelling of a dotted key; "" if there is none.
  std::function<std::string(const std::string&)> respell;
  /// The problem to report for a key that is missing.
  std::function<UnknownKey(const std::string&)> explain;
  bool items_by_name = false;  ///< an item of a list is also known by its entry `name`
};

class Interpolation {
 public:
  /// `root` must not change during the lifetime of the object.
  Interpolation(const Node& root, Problems& problems, KeyRules rules = {})
      : root_(root), problems_(problems), rules_(std::move(rules)) {}

  /// The value of a dotted key with its interpolations resolved; nullopt after reporting a mistake in it. A value that
  /// has to be given is returned as kMissing; a value that refers to such a value is nullopt without a report.
  std::optional<Node> value(const std::string& key);

  /// The same for a node that stands (or might) at a dotted key.
  std::optional<Node> value(const Node& node, const std::string& key);

 private:
  struct Found;
  void report(const Node& node, std::string at, const std::string& problem, const std::string& hint = {});
  std::optional<Node> resolve(const Node& node, const std::string& at);
  std::optional<Node> resolve_map(const Node& node, const std::string& at);
  std::optional<Node> resolve_text(const Node& node, const std::string& at);
  Found find(const std::string& key);
  Found find_in(const Node& root, const std::string& root_key, const std::vector<std::string>& path, size_t first);
  const Node* child_of(const Node& node, const std::string& name, const std::string& at) const;

  std::optional<std::string> absolute_key(const std::string& reference, const std::string& at) const;
  Found select(const std::string& reference, const std::string& at);

  Node evaluate(const Expression& expression, const std::string& at);
  Node evaluate_reference(const Expression& expression, const std::string& at);
  Node call(const Expression& expression, const std::string& at);
  std::string key_text(const std::vector<Expression>& parts, const std::string& at);

  const Node& root_;
  Problems& problems_;
  KeyRules rules_;
  std::map<std::string, std::optional<Node>> resolved_;
  std::vector<std::string> open_;  // keys whose values are being resolved, outermost first
  size_t num_nodes_ = 0;           // resolved so far
};

/// Reports the texts below `node` that hold `${` but are not well-formed interpolations.
void check_interpolations(const Node& node, const std::string& at, Problems& problems);

}  // namespace latentcrs
