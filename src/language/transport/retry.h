// The decision whether and when to send a request again. It is a pure function: time and random numbers are arguments.
#pragma once

#include <string>
#include <vector>

#include "base/config/remote_options.h"
#include "base/util/random.h"
#include "language/transport/http.h"

namespace latentcrs {

struct RetryState {
  int attempts = 1;    ///< times the request was sent
  double elapsed = 0;  ///< seconds since the first send
  double now = 0;      ///< seconds since 1970, for dates in Retry-After
  Repeat repeat = Repeat::safe;
  std::vector<int> also_retried = {};  ///< statuses to retry in addition (409 of OpenAI)
};

struct RetryDecision {
  bool again = false;
  double wait = 0;  ///< seconds before the next send
  /// Why the request is not sent again, where that is not obvious: "attempts used up", "time used up", …
  std::string reason = {};
};

/// Whether a status is temporary, so that the same request may succeed later: 408, 429, 500 to 504, and 520 to 529 of
/// gateways.
bool is_temporary_status(int64_t status);

/// Decides about a request that got `response`. It is sent again after a failure of the transport (other than a wrong
/// certificate or an answer that is too large), a temporary status, an answer that the service broke off, a 403 with
/// one of Cloud Storage's rate reasons, and OAuth's temporary errors; the server's own x-should-retry has precedence
/// over all of these. With Repeat::never it is sent again only if the server did nothing: unreachable, or 429. It is
/// never sent again if a quota is used up or if the error says that the same request cannot succeed
/// (ApiError::permanent).
///
/// The wait is the larger of the server's hint (retry-after-ms, Retry-After, RetryInfo) and a uniform draw from [0,
/// min(max_wait, first_wait 2^(attempts-1))]. The request is not sent again if the hint exceeds max_hint or the wait
/// leads beyond max_total.
RetryDecision decide_retry(const RetryOptions& options, const RetryState& state, const HttpResponse& response,
                           Rng& rng);

}  // namespace latentcrs
