// Requests with credentials and patience.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "config/remote_options.h"
#include "transport/clock.h"
#include "transport/credentials.h"
#include "transport/http.h"

namespace latentcrs {

struct ApiClientOptions {
  HttpOptions http;
  RetryOptions retry;
  std::vector<int> also_retried;  ///< statuses to retry beyond the usual ones
};

/// What a 2xx answer really means: itself, the error that it holds, or an answer that the service spoilt.
using Reading = std::function<HttpResponse(HttpResponse)>;

/// A Reading that looks for an error in the place of an answer (error_in_reply()).
HttpResponse without_hidden_error(HttpResponse response);

/// Thread-safe. The clock and the credentials must outlive it.
class ApiClient {
 public:
  ApiClient(const RemoteContext& context, Credentials& credentials, ApiClientOptions options);

  /// Sends with the credentials' headers, again after a 401 if they can be renewed (once), and again as retry.h says.
  /// Returns the last response, good or bad, with every secret sent struck out of it. Exceptions: those of Http::send,
  /// Credentials::headers and Clock::sleep. The options' time limits are put in; a transfer from or to a file has no
  /// limit in all, but must not stand still.
  /// `reading` is applied to every 2xx answer before it is judged.
  HttpResponse call(HttpRequest request, const Reading& reading = {});

 private:
  RemoteContext context_;
  Credentials& credentials_;
  ApiClientOptions options_;
  std::atomic<uint64_t> calls_{0};
};

}  // namespace latentcrs
