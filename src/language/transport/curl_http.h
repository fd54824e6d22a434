// HTTP over libcurl.
#pragma once

#include <memory>
#include <string>

#include "base/config/remote_options.h"
#include "language/transport/http.h"

namespace latentcrs {

/// The version of libcurl in use.
std::string curl_version_text();

/// On libcurl. Certificates are verified, redirects are not followed, proxies are those of the options or of the
/// environment except for this machine itself; connections are kept and shared by the threads that use it. A proxy that
/// wants to know who asks is an answer with status 407. Throws Error(config) if options.proxy_env names a variable
/// without user:password.
std::unique_ptr<Http> make_curl_http(const HttpOptions& options);

}  // namespace latentcrs
