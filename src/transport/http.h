// One HTTP exchange, behind an interface: curl is in src/transport/curl_*.cpp and nowhere else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/remote_options.h"
#include "transport/secret.h"

namespace latentcrs {

/// Whether a request may reach the server twice. `never`: it creates something (a job), so it is sent on a connection
/// of its own and repeated only where the server certainly did nothing.
enum class Repeat { safe, never };

struct SecretHeader {
  std::string name;
  Secret value;
  bool operator==(const SecretHeader&) const = default;
};

/// Bytes [begin, begin + size) of a file.
struct FileRange {
  std::filesystem::path path;
  int64_t begin = 0;
  int64_t size = 0;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::vector<SecretHeader> authorization = {};  ///< never logged, and struck out of the answer (api_client.h)
  std::string body = {};
  std::vector<Secret> body_secrets = {};  ///< parts of the body for which the same holds
  std::optional<FileRange> upload = {};   ///< the body, in place of `body`
  std::filesystem::path download = {};    ///< a 2xx body is written there, in place of HttpResponse::body
  bool append = false;                    ///< a download with status 206 is added to what the file has
  double connect_timeout = 10;            ///< seconds; as in HttpOptions
  double timeout = 600;                   ///< seconds; 0: none
  double stall_timeout = 0;               ///< seconds; 0: none
  int64_t max_body = int64_t{256} << 20;  ///< bytes of an answer held in memory; a larger one is refused
  Repeat repeat = Repeat::safe;
  bool direct = false;  ///< past any proxy
};

enum class Transport {
  ok,
  unreachable,  ///< no connection: the server got nothing
  timeout,
  broken,       ///< the connection ended before the answer did
  certificate,  ///< the server's certificate is not trusted, or is for another name
  too_large,    ///< more than max_body
};

struct HttpResponse {
  int status = 0;  ///< 0 unless transport is ok
  Transport transport = Transport::ok;
  std::string problem = {};                         ///< what went wrong with the transport, one line
  std::map<std::string, std::string> headers = {};  ///< by lower-case name; repeated ones joined by ", "
  std::string body = {};
  /// The service says with a 2xx status that it broke off by a fault of its own: worth sending again. `problem` says
  /// it.
  bool spoilt = false;

  bool success() const { return status >= 200 && status < 300; }
  /// Empty if there is none.
  std::string header(const std::string& lower_case_name) const;
};

class Http {
 public:
  virtual ~Http() = default;
  /// Done: an answer, whatever its status. Nothing usable: status 0, with `transport` and `problem`. Exception:
  /// Error(config) for a URL that is none, Error(data) for a file that cannot be read or written, Error(interrupted).
  /// Thread-safe.
  virtual HttpResponse send(const HttpRequest& request) = 0;
};

/// The version of libcurl in use.
std::string curl_version_text();

/// On libcurl. Certificates are verified, redirects are not followed, proxies are those of the options or of the
/// environment except for this machine itself; connections are kept and shared by the threads that use it. A proxy that
/// wants to know who asks is an answer with status 407. Throws Error(config) if options.proxy_env names a variable
/// without user:password.
std::unique_ptr<Http> make_curl_http(const HttpOptions& options);

/// Everything but letters, digits and -._~ as %XX ("/" too).
std::string percent_encode(std::string_view text);
/// Scheme, host and path: no user, no query. For messages.
std::string display_url(std::string_view url);
/// Without a slash at the end. Throws Error(config) naming `key` unless it is http(s)://host… without user, query and
/// fragment.
std::string checked_base_url(const std::string& url, std::string_view key);
/// True for 127.0.0.0/8, [::1] and localhost.
bool is_this_machine(std::string_view url);

}  // namespace latentcrs
