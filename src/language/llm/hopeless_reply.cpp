#include "language/llm/hopeless_reply.h"

#include <fmt/format.h>

#include <string_view>

#include "base/util/error.h"
#include "language/llm/check_options.h"
#include "language/transport/api_error.h"
#include "language/transport/url.h"

namespace latentcrs {

void throw_if_hopeless(const HttpResponse& response, const std::string& url, const std::string& section) {
  if (response.success()) return;
  const ApiError error = parse_api_error(response);
  const auto stop = [&](std::string_view advice) {
    throw Error(ErrorKind::remote, fmt::format("{}: {}; {}", display_url(url), describe_failure(response), advice));
  };
  if (response.transport == Transport::certificate)
    stop("its certificate is not trusted: set SSL_CERT_FILE if it should be");
  if (response.status == 401 || error.reason == "API_KEY_INVALID") stop("the key or token was refused");
  if (response.status == 402) stop("the account has no credit left; replies so far are in the cache, so go on later");
  if (response.status == 403) stop("these credentials may not use it");
  if (response.status == 407) stop("the proxy wants user and password: name their variable in services.http.proxy_env");
  const auto setting = [&](std::string_view name) { return setting_name(section, name); };
  if (response.status == 404)
    stop(fmt::format("check the model and the address: {}, {}{}", setting("model"), setting("base_url"),
                     url.find("/locations/") == std::string::npos ? "" : ", " + setting("location")));
  if (is_redirect(response)) stop(fmt::format("check {}", setting("base_url")));
  if (response.status != 0 && error.quota_exhausted)
    stop("the quota is used up; replies so far are in the cache, so go on later");
}

void throw_if_hopeless(const ChatOutcome& outcome, const std::string& url) {
  if (outcome.hopeless)
    throw Error(ErrorKind::remote,
                fmt::format("{}: {}: the service has switched this account off; replies so far are in the cache",
                            display_url(url), outcome.reason));
}

}  // namespace latentcrs
