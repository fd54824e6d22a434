// The one exception type of latentcrs, thrown by every function of the public interface that fails.
#pragma once

#include <stdexcept>
#include <string>

#include "latentcrs/export.h"

namespace latentcrs {

enum class ErrorKind {
  usage,         ///< the command line, or an argument of a function of the public interface, is wrong
  config,        ///< a configuration file or override is wrong
  data,          ///< an input file is missing, malformed or does not fit the others
  remote,        ///< a network service failed past the retries
  numeric,       ///< a loss or weight became NaN or infinite
  interrupted,   ///< SIGINT or SIGTERM; everything finished so far is on disk
  internal,      ///< a defect of latentcrs itself
  lost_process,  ///< another process of the same run was lost, or ended with an error; the same command goes on
};

/// `what()` is one line for the user: where (file:line, key), what is wrong with the offending value, what to do.
class LATENTCRS_EXPORT Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace latentcrs
