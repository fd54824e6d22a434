// An error that is answered with a status of HTTP.
#pragma once

#include <string>

#include "base/util/error.h"

namespace latentcrs {

/// The request is at fault. Errors of the other kinds have the status that status_of() gives.
class HttpError : public Error {
 public:
  /// `name`: the error's kind in the answer.
  HttpError(int status, std::string name, const std::string& message)
      : Error(ErrorKind::usage, message), status_(status), name_(std::move(name)) {}
  int status() const { return status_; }
  const std::string& name() const { return name_; }

 private:
  int status_;
  std::string name_;
};

inline HttpError bad_request(const std::string& message) { return {400, "usage", message}; }
inline HttpError not_found(const std::string& message) { return {404, "not_found", message}; }
inline HttpError conflict(const std::string& message) { return {409, "conflict", message}; }

/// Of the answer to a request that failed with `error`: 422 for an argument that a run refuses, 409 for files that do
/// not fit, 502 for a service that failed, 500 for the others.
inline int status_of(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::usage: return 422;
    case ErrorKind::config:
    case ErrorKind::data: return 409;
    case ErrorKind::remote: return 502;
    default: return 500;
  }
}

}  // namespace latentcrs
