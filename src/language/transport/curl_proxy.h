// The choice of the proxy for curl's transfers.
#pragma once

#include <curl/curl.h>

#include <string>

#include "base/config/remote_options.h"
#include "language/transport/http.h"

namespace latentcrs {

class CurlProxy {
 public:
  /// Throws Error(config) if options.proxy_env names a variable without user:password.
  explicit CurlProxy(const HttpOptions& options);
  /// Sets the proxy of a transfer. Requests to this machine never use one.
  void set(CURL* handle, const HttpRequest& request) const;

 private:
  const std::string address_, exceptions_;
  const Secret login_;
};

/// Returns 407 if the proxy refused a tunnel because it wants a user and password, else 0.
int login_wanted(CURL* handle);

}  // namespace latentcrs
