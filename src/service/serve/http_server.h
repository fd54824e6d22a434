// The HTTP server: connections, their limits and their ends. Requests and answers go through two functions.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "service/serve/http_message.h"

namespace latentcrs {

struct HttpLimits {
  int connections = 96;                            ///< open at once; a further one is answered with 503 and closed
  size_t header_bytes = 32 * 1024;                 ///< of the request line and all headers
  size_t body_bytes = 256 * 1024;                  ///< a larger body is answered with 413 and not read
  std::chrono::milliseconds request_time{10'000};  ///< for a request to arrive, and for its answer to be taken
  std::chrono::milliseconds idle_time{15'000};     ///< until a connection without a request is closed
};

/// What the server asks. Both are called by many threads at once and throw nothing.
struct HttpFunctions {
  /// Called before a body is read: the answer, if the request goes no further. The connection then ends where there is
  /// a body.
  std::function<std::optional<ServedAnswer>(const ServedRequest&)> gate;
  std::function<ServedAnswer(const ServedRequest&)> answer;
  /// Makes the answer to a request that the server itself refuses, from status, kind and message; may be left out.
  std::function<ServedAnswer(const ServedRequest&, int, const std::string&, const std::string&)> error = {};
};

/// Every answer has the headers that keep a browser from running what is not ours (docs/serve.md).
class HttpServer {
 public:
  HttpServer(const HttpLimits& limits, HttpFunctions functions);
  ~HttpServer();

  /// Binds to an address of this machine; port 0 takes a free one. Returns the port. Throws Error(usage) for an address
  /// that is not this machine's and for a port that is taken.
  int bind(const std::string& host, int port);
  /// Answers until stopped() returns true, which is asked ten times a second; requests in flight end first.
  void serve(const std::function<bool()>& stopped);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace latentcrs
