// The mistakes of a configuration, collected so that one run shows all of them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace latentcrs {

class Problems {
 public:
  /// `where` is file:line or the override, `key` the dotted key; either may be empty. `hint` says how to correct it.
  void add(const std::string& where, const std::string& key, const std::string& problem, const std::string& hint = {});
  /// True if a mistake was found in `key` or below it.
  bool concern(const std::string& key) const;
  size_t count() const { return lines_.size(); }
  /// Throws Error(config): the one mistake, or a count and one line each.
  void throw_if_any() const;

 private:
  std::vector<std::string> keys_;
  std::vector<std::string> lines_;
};

}  // namespace latentcrs
