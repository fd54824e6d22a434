// Requests with credentials and patience.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "latentcrs/config/remote_options.h"
#include "latentcrs/remote/clock.h"
#include "latentcrs/remote/credentials.h"
#include "latentcrs/remote/http.h"

namespace latentcrs {

struct ApiClientOptions {
  HttpOptions http;
  RetryOptions retry;
  std::vector<int> also_retried;  ///< statuses to retry beyond the usual ones
};

/// Thread-safe. The clock and the credentials must outlive it.
class ApiClient {
 public:
  ApiClient(const RemoteContext& context, Credentials& credentials, ApiClientOptions options);

  /// Sends with the credentials' headers, again after a 401 if they can be renewed (once), and again as retry.h says.
  /// Returns the last response, good or bad, with every secret sent struck out of it. Exceptions: those of Http::send,
  /// Credentials::headers and Clock::sleep. The options' time limits are put in; a transfer from or to a file has no
  /// limit in all, but must not stand still.
  HttpResponse call(HttpRequest request);

 private:
  RemoteContext context_;
  Credentials& credentials_;
  ApiClientOptions options_;
  std::atomic<uint64_t> calls_{0};
};

}  // namespace latentcrs
