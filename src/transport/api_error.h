// What a service says when it refuses: every shape of error body in use, as one struct.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "transport/http.h"

namespace latentcrs {

struct ApiError {
  std::string code;                   ///< RESOURCE_EXHAUSTED, insufficient_quota, invalid_grant, …; may be empty
  std::string reason;                 ///< Google's finer one: API_KEY_INVALID, rateLimitExceeded, …; may be empty
  std::string message;                ///< one line of at most 300 bytes; never empty
  std::optional<double> retry_delay;  ///< seconds, Google's RetryInfo
  bool quota_exhausted = false;       ///< a daily quota or the credit is used up: waiting minutes does not help
  bool permanent = false;             ///< the same request cannot succeed: too large, or not what the server can do
};

/// Of a response that is no success. Reads {"error": {…}}, the same in an array of one, {"error": "text"}, {"message":
/// …}, OAuth's error_description, HTML, plain text and nothing at all.
ApiError parse_api_error(const HttpResponse& response);

/// "HTTP 429 RESOURCE_EXHAUSTED: message", or what the transport says. A redirect says where to.
std::string describe_failure(const HttpResponse& response);

/// Whether the response sends to another address.
bool is_redirect(const HttpResponse& response);

/// The HTTP error that a reply with status 200 holds in place of an answer, as gateways send it: {"error": {"code":
/// 429, "message": …}}, also in an array of one or in the first choice. Its status is the error's own code, else what
/// its words stand for, else 500. Nothing for a reply without an error; an empty error object is none.
std::optional<HttpResponse> error_in_reply(const nlohmann::json& reply);

}  // namespace latentcrs
