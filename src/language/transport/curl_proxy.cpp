#include "language/transport/curl_proxy.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/util/error.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

/// The proxy's user:password in the environment variable `variable`.
Secret login_of(const std::string& variable) {
  if (variable.empty()) return {};
  const char* login = std::getenv(variable.c_str());
  if (login == nullptr || std::string_view(login).find(':') == std::string_view::npos)
    throw config_error(
        fmt::format("services.http.proxy_env={}: this variable must hold user:password for the proxy", variable));
  return Secret(login);
}

}  // namespace

CurlProxy::CurlProxy(const HttpOptions& options)
    : address_(options.proxy), exceptions_(options.no_proxy), login_(login_of(options.proxy_env)) {}

void CurlProxy::set(CURL* handle, const HttpRequest& request) const {
  const bool past = request.direct || is_this_machine(request.url);
  if (past || !exceptions_.empty()) curl_easy_setopt(handle, CURLOPT_NOPROXY, past ? "*" : exceptions_.c_str());
  if (past || address_.empty()) return;
  curl_easy_setopt(handle, CURLOPT_PROXY, address_.c_str());
  const std::string& login = login_.reveal();
  if (login.empty()) return;
  curl_easy_setopt(handle, CURLOPT_PROXYUSERNAME, login.substr(0, login.find(':')).c_str());
  curl_easy_setopt(handle, CURLOPT_PROXYPASSWORD, login.substr(login.find(':') + 1).c_str());
}

int login_wanted(CURL* handle) {
  constexpr int wanted = 407;
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &status);
  return status == wanted ? wanted : 0;
}

}  // namespace latentcrs
