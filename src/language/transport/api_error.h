// The errors of services: all shapes of error bodies in use, as one struct.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "language/transport/http.h"

namespace latentcrs {

struct ApiError {
  std::string code;     ///< RESOURCE_EXHAUSTED, insufficient_quota, invalid_grant, …; may be empty
  std::string reason;   ///< Google's more specific reason: API_KEY_INVALID, rateLimitExceeded, …; may be empty
  std::string message;  ///< one line of at most 300 bytes; never empty
  std::optional<double> retry_delay;  ///< seconds to wait, from Google's RetryInfo
  bool quota_exhausted = false;       ///< a daily quota or the credit is used up, so waiting for minutes does not help
  bool permanent = false;             ///< the same request cannot succeed: it is too large, or the server cannot do it
};

/// Reads the error of an unsuccessful response. Understood are {"error": {…}}, the same in an array with one element,
/// {"error": "text"}, {"message": …}, OAuth's error_description, HTML, plain text and an empty body.
ApiError parse_api_error(const HttpResponse& response);

/// One line about a failed response: "HTTP 429 RESOURCE_EXHAUSTED: message", or the problem of the transport. For a
/// redirect it names the target.
std::string describe_failure(const HttpResponse& response);

/// What to do about a server of this machine that does not listen, after "; "; empty for other failures.
std::string advice_on_own_server(std::string_view url, const HttpResponse& response);

/// Whether the response redirects to another address.
bool is_redirect(const HttpResponse& response);

/// The HTTP error that a reply with status 200 holds in place of an answer, as gateways send it: {"error": {"code":
/// 429, "message": …}}, also in an array with one element or in the first choice. Its status is the error's own code,
/// else the one that its words mean, else 500. nullopt for a reply without an error or with an empty error object.
std::optional<HttpResponse> error_in_reply(const nlohmann::json& reply);

}  // namespace latentcrs
