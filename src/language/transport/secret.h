// A type for values that must not be shown: a key, a token, an Authorization header.
#pragma once

#include <fmt/format.h>

#include <ostream>
#include <string>
#include <utility>

namespace latentcrs {

/// A secret value. It is printed as "***"; the value itself is only returned by reveal().
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  /// The value itself. It must not reach a log, a message or a file.
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string value_;
};

inline std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

}  // namespace latentcrs

template <>
struct fmt::formatter<latentcrs::Secret> : fmt::formatter<fmt::string_view> {
  template <class Context>
  auto format(const latentcrs::Secret&, Context& context) const {
    return fmt::formatter<fmt::string_view>::format("***", context);
  }
};
