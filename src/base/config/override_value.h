// Values of overrides: plain ones, and sweeps, which give each job of a multirun another value.
#pragma once

#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "base/config/node.h"

namespace latentcrs {

struct Sweep {
  enum class Kind { choice, range, interval, glob };

  Kind kind = Kind::choice;
  std::vector<Node> values;  ///< of a choice
  bool is_simple = false;    ///< a choice written as a,b
  bool is_shuffled = false;
  Node start, stop, step;             ///< of a range or (without step) an interval
  std::vector<std::string> included;  ///< of a glob: patterns of the names that it includes
  std::vector<std::string> excluded;  ///< of a glob: patterns of the names that it excludes
};

using OverrideValue = std::variant<Node, Sweep>;

/// A malformed value; what() is the message for the user.
class WrongValue : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The value as the text of an override, as Hydra writes the overrides of a sweep's jobs.
std::string override_text(const Node& value);

/// `text` in quotes: the value of an override that is this text. It may hold any characters.
std::string quoted_text(const std::string& text);

}  // namespace latentcrs
