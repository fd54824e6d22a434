// Which of curl's transfers go through a proxy.
#pragma once

#include <curl/curl.h>

#include <string>

#include "config/remote_options.h"
#include "transport/http.h"

namespace latentcrs {

class CurlProxy {
 public:
  /// Throws Error(config) if options.proxy_env names a variable without user:password.
  explicit CurlProxy(const HttpOptions& options);
  /// Never through one to this machine.
  void set(CURL* handle, const HttpRequest& request) const;

 private:
  const std::string address_, exceptions_;
  const Secret login_;
};

/// Status 407 if the proxy refused a tunnel for want of a user; 0 otherwise.
int login_wanted(CURL* handle);

}  // namespace latentcrs
