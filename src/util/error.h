// The one exception family of latentcrs. Libraries throw Error; only main catches it, prints one line and exits.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace latentcrs {

enum class ErrorKind {
  usage,        ///< the command line is wrong
  config,       ///< a configuration file or override is wrong
  data,         ///< an input file is missing, malformed or does not fit the others
  remote,       ///< a network service failed past the retries
  numeric,      ///< a loss or weight became NaN or infinite
  interrupted,  ///< SIGINT or SIGTERM; everything finished so far is on disk
  internal,     ///< a defect of latentcrs itself
};

/// Process exit code of a kind: usage 2, config 3, data 4, remote 5, numeric 6, internal 70, interrupted 130.
int exit_code(ErrorKind kind);
std::string_view to_string(ErrorKind kind);

/// `what()` is one line for the user: where (file:line, key), what is wrong with the offending value, what to do.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

inline Error usage_error(const std::string& m) { return {ErrorKind::usage, m}; }
inline Error config_error(const std::string& m) { return {ErrorKind::config, m}; }
inline Error data_error(const std::string& m) { return {ErrorKind::data, m}; }
inline Error numeric_error(const std::string& m) { return {ErrorKind::numeric, m}; }
inline Error internal_error(const std::string& m) { return {ErrorKind::internal, m}; }

}  // namespace latentcrs
