// Sending requests with credentials and retries.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/config/remote_options.h"
#include "language/transport/clock.h"
#include "language/transport/credentials.h"
#include "language/transport/http.h"

namespace latentcrs {

struct ApiClientOptions {
  HttpOptions http;
  RetryOptions retry;
  std::vector<int> also_retried;  ///< statuses to retry in addition to those of retry.h
};

/// Interprets an answer with a 2xx status: returns the answer itself, the error that it holds, or an answer marked as
/// broken off by the service (HttpResponse::spoilt).
using ResponseReader = std::function<HttpResponse(HttpResponse)>;

/// A ResponseReader that returns the error if the answer holds one (error_in_reply()).
HttpResponse without_hidden_error(HttpResponse response);

/// A client of one service. It is thread-safe. The clock and the credentials must outlive it.
class ApiClient {
 public:
  ApiClient(const RemoteContext& context, Credentials& credentials, ApiClientOptions options);

  /// Sends `request` with the credentials' headers. It is sent again as retry.h says, and once more after a 401 if the
  /// credentials can be renewed. Returns the last response, whether it succeeded or not, without the secrets that were
  /// sent. `reader` is applied to every 2xx answer before it is judged. The time limits are those of the options; a
  /// transfer from or to a file has no total limit, but must not stand still. A server that cannot be reached or says
  /// that it is not ready (503) is waited for; the log says so once, and again when it answers. Throws what Http::send,
  /// Credentials::headers and Clock::sleep throw.
  HttpResponse call(HttpRequest request, const ResponseReader& reader = {});

 private:
  void say_waiting(const HttpRequest& request, const HttpResponse& response);

  RemoteContext context_;
  Credentials& credentials_;
  ApiClientOptions options_;
  std::atomic<uint64_t> calls_{0};
  std::atomic<bool> waiting_{false};  ///< the log has said that the server is waited for
};

}  // namespace latentcrs
