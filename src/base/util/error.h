// The one exception family of latentcrs (latentcrs/error.h). Libraries throw Error; only main catches it, prints one
// line and exits.
#pragma once

#include <string>
#include <string_view>

#include "latentcrs/error.h"

namespace latentcrs {

/// Process exit code of a kind: usage 2, config 3, data 4, remote 5, numeric 6, lost process 7, internal 70,
/// interrupted 130.
int exit_code(ErrorKind kind);
/// The name of a kind as messages show it: "usage", "config", ….
std::string_view to_string(ErrorKind kind);

/// Each returns an Error of its kind with the message `m`.
inline Error usage_error(const std::string& m) { return {ErrorKind::usage, m}; }
inline Error config_error(const std::string& m) { return {ErrorKind::config, m}; }
inline Error data_error(const std::string& m) { return {ErrorKind::data, m}; }
inline Error numeric_error(const std::string& m) { return {ErrorKind::numeric, m}; }
inline Error internal_error(const std::string& m) { return {ErrorKind::internal, m}; }

}  // namespace latentcrs
