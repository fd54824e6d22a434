// What a service says when it refuses: every shape of error body in use, as one struct.
#pragma once

#include <optional>
#include <string>

#include "latentcrs/remote/http.h"

namespace latentcrs {

struct ApiError {
  std::string code;                   ///< RESOURCE_EXHAUSTED, insufficient_quota, invalid_grant, …; may be empty
  std::string reason;                 ///< Google's finer one: API_KEY_INVALID, rateLimitExceeded, …; may be empty
  std::string message;                ///< one line of at most 300 bytes; never empty
  std::optional<double> retry_delay;  ///< seconds, Google's RetryInfo
  bool quota_exhausted = false;       ///< a daily quota or the credit is used up: waiting minutes does not help
};

/// Of a response that is no success. Reads {"error": {…}}, the same in an array of one, {"error": "text"}, {"message":
/// …}, OAuth's error_description, HTML, plain text and nothing at all.
ApiError parse_api_error(const HttpResponse& response);

/// "HTTP 429 RESOURCE_EXHAUSTED: message", or what the transport says.
std::string describe_failure(const HttpResponse& response);

}  // namespace latentcrs
