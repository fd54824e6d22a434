// HTTP requests and responses, and the interface that sends them. curl is used in src/language/transport/curl_*.cpp
// and nowhere else.
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

#include "language/transport/secret.h"

namespace latentcrs {

/// Whether a request may reach the server twice. `never` is for requests that create something (a job): they are sent
/// on a new connection and repeated only if the server certainly did nothing.
enum class Repeat { safe, never };

struct SecretHeader {
  std::string name;
  Secret value;
  bool operator==(const SecretHeader&) const = default;
};

/// The bytes [begin, begin + size) of a file.
struct FileRange {
  std::filesystem::path path;
  int64_t begin = 0;
  int64_t size = 0;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::vector<SecretHeader> authorization = {};  ///< never logged, and removed from the answer (api_client.h)
  std::string body = {};
  std::vector<Secret> body_secrets = {};  ///< parts of the body that are secret in the same way
  std::optional<FileRange> upload = {};   ///< the bytes to send in place of `body`
  std::filesystem::path download = {};    ///< the file for the body of a 2xx answer, in place of HttpResponse::body
  bool append = false;                    ///< append the body of an answer with status 206 to the file
  double connect_timeout = 10;            ///< seconds; see HttpOptions
  double timeout = 600;                   ///< seconds; 0: none
  double stall_timeout = 0;               ///< seconds; 0: none
  int64_t max_body = int64_t{256} << 20;  ///< largest answer held in memory, in bytes; a larger one is refused
  Repeat repeat = Repeat::safe;
  bool direct = false;  ///< do not use a proxy
};

enum class Transport {
  ok,
  unreachable,  ///< no connection: the server received nothing
  timeout,
  broken,       ///< the connection ended before the end of the answer
  certificate,  ///< the server's certificate is not trusted or is for another name
  too_large,    ///< the answer has more than max_body bytes
};

struct HttpResponse {
  int status = 0;  ///< 0 unless transport is ok
  Transport transport = Transport::ok;
  std::string problem = {};  ///< one line about the failure of the transport
  std::map<std::string, std::string> headers =
      {};  ///< by lower-case name; values of repeated headers are joined by ", "
  std::string body = {};
  /// Whether the service reports, with a 2xx status, that it broke off because of a fault of its own. Such a request is
  /// worth sending again; `problem` describes the fault.
  bool spoilt = false;

  /// Whether the status is 2xx.
  bool success() const { return status >= 200 && status < 300; }
  /// The value of a header; empty if the answer has no such header.
  std::string header(const std::string& lower_case_name) const;
};

class Http {
 public:
  virtual ~Http() = default;
  /// Sends a request and returns the answer, whatever its status. If no usable answer came, the status is 0 and
  /// `transport` and `problem` say why. Throws Error(config) for an invalid URL, Error(data) for a file that cannot be
  /// read or written, and Error(interrupted). Thread-safe.
  virtual HttpResponse send(const HttpRequest& request) = 0;
};

}  // namespace latentcrs
