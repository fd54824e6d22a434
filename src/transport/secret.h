// A value that must not be seen: a key, a token, an Authorization header.
#pragma once

#include <fmt/format.h>

#include <ostream>
#include <string>
#include <utility>

namespace latentcrs {

/// Prints as "***" wherever it is printed; the value itself is had by name only.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

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
